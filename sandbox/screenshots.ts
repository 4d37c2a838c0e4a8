/** Takes the pictures of the README from the real page, with real messages: `npm run screenshots`. */
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator } from 'playwright-core';
import { asked, type Window } from '../test/browser/window.ts';
import { tourMorning } from './tour.ts';

const folder = fileURLToPath(new URL('../docs/images', import.meta.url));
/** A picture is to be read, and the repository to stay small (bytes). */
const LARGEST = 200_000;

async function take(name: string, what: Locator, scale: 'device' | 'css' = 'device'): Promise<void> {
  const file = path.join(folder, `${name}.png`);
  await what.screenshot({ path: file, animations: 'disabled', caret: 'hide', scale });
  const { size } = await stat(file);
  process.stdout.write(`docs/images/${name}.png, ${Math.ceil(size / 1000)} kB\n`);
  if (size > LARGEST) throw new Error(`${name}.png has ${size} bytes, more than ${LARGEST}.`);
}

/** Olivia asks, Anna agrees; Sam has the card before him. */
async function play(olivia: Window, anna: Window): Promise<void> {
  await anna.open('acme');
  await olivia.type('/breakglass');
  const form = olivia.dialog('Break-glass request');
  await olivia.fillIn(form, asked({ ticket: 'INC-4711' }));
  await form.getByRole('combobox', { name: 'Tenant' }).focus();
  await take('form', form);
  await form.getByRole('button', { name: 'Ask' }).click();
  await form.waitFor({ state: 'hidden' });
  await anna.pressAndConfirm(anna.message('INC-4711'), 'Approve');
  await anna.message('INC-4711', 'approved by @Anna').waitFor();
}

async function main(): Promise<void> {
  // Here, so that a Chromium that is not there is said as anything else that goes wrong.
  const { openDesk } = await import('../test/browser/desk.ts');
  const desk = await openDesk({ startsAt: tourMorning() });
  try {
    await mkdir(folder, { recursive: true });
    const view = (width: number, height: number) =>
      ({ viewport: { width, height }, deviceScaleFactor: 1.5, colorScheme: 'light' }) as const;
    const olivia = await desk.window('olivia', view(1240, 1100));
    const anna = await desk.window('anna', view(1240, 1100));
    const sam = await desk.window('sam', view(1440, 600));
    await sam.open('security');
    await play(olivia, anna);
    const card = sam.message('INC-4711', 'approved by @Anna');
    await card.waitFor();
    await sam.hideFirstSteps();
    await take('page', sam.page.locator('body'), 'css');
    await take('approval-card', card);
    await sam.pressAndConfirm(card, 'Approve');
    const security = await desk.window('sofia', view(1400, 1240));
    await security.behind.getByText('break_glass.activated').waitFor();
    await security.page.mouse.move(0, 0);
    await take('panel', security.behind);
  } finally {
    await desk.close();
  }
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});

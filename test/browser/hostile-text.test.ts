import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, seen, type Window } from './window.ts';

/** What would do something if anything of it were taken for markup. */
const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script><b id=bold>&lt;i&gt;</b>';
/** Of Slack's own marks. */
const marks = '*b* <https://evil.example.com|click> <javascript:alert(1)|run> <!channel> @here';

const pwned = (page: Page) => page.evaluate(() => Reflect.get(globalThis, 'pwned'));

/** It stands there as it was typed, and nothing came of it. */
async function harmless(window: Window, where: Locator, text: string): Promise<void> {
  await seen(where.getByText(text, { exact: false }).first());
  expect(await pwned(window.page)).toBeUndefined();
  expect(await window.page.locator('#bold, img[src="x"], #page script, a[href^="javascript"]').count()).toBe(0);
}

inBrowser('what people type', (desk) => {
  test('is text in a message, in the completion and in a command', async () => {
    const otis = await desk.window('otis');
    await otis.open('general');
    await otis.type(evil);
    await harmless(otis, otis.message('onerror'), evil);
    await otis.type(`/breakglass status ${evil}`);
    await otis.type(`/${evil}`);
    expect(await pwned(otis.page)).toBeUndefined();
    const anna = await desk.window('anna');
    await anna.open('general');
    await harmless(anna, anna.message('onerror'), evil);
  });

  test('is text in every field of every form, on the card and in the panel', async () => {
    const olivia = await desk.window('olivia');
    const anna = await desk.window('anna');
    const sam = await desk.window('sam');
    await anna.open('acme');
    await sam.open('security');
    await olivia.open('dm');
    await olivia.type('/breakglass');
    const form = olivia.dialog('Break-glass request');
    await form.getByRole('combobox', { name: 'Tenant' }).fill(evil);
    await seen(olivia.page.getByText('Nothing found').first());
    const reason = `${evil} ${marks}`;
    await olivia.fillIn(form, asked({ ticket: evil, reason }));
    await form.getByRole('button', { name: 'Ask' }).click();
    await expect.poll(() => form.getByRole('textbox', { name: 'Ticket' }).getAttribute('aria-invalid')).toBe('true');
    expect(await pwned(olivia.page)).toBeUndefined();
    await form.getByRole('textbox', { name: 'Ticket' }).fill('INC-1');
    await form.getByRole('button', { name: 'Ask' }).click();
    await form.waitFor({ state: 'hidden' });
    await harmless(olivia, olivia.message('INC-1'), reason);
    await harmless(olivia, olivia.behind, evil);
    await harmless(anna, anna.message('INC-1'), reason);

    await anna.press(anna.message('INC-1'), 'Approve for less time');
    const shorter = anna.dialog('Approve for less time');
    await shorter.getByRole('combobox', { name: 'How long' }).fill('15');
    await shorter.getByRole('option', { name: '15 min', exact: true }).click();
    await shorter.getByRole('textbox', { name: 'Comment' }).fill(reason);
    await shorter.getByRole('button', { name: 'Approve' }).click();
    await shorter.waitFor({ state: 'hidden' });
    await harmless(sam, sam.message('INC-1'), evil);

    await sam.press(sam.message('INC-1'), 'Deny');
    const deny = sam.dialog('Deny the request');
    await deny.getByRole('textbox', { name: 'Reason, for the requester and the record' }).fill(reason);
    await deny.getByRole('button', { name: 'Deny' }).click();
    await deny.waitFor({ state: 'hidden' });
    await harmless(olivia, olivia.message('INC-1', 'Denied'), evil);
    await harmless(olivia, olivia.behind, evil);
  });

  test('is text in the address of the page', async () => {
    const someone = await desk.window(
      'olivia',
      {},
      `/?as=${encodeURIComponent(evil)}&channel=${encodeURIComponent(evil)}`,
    );
    expect(await pwned(someone.page)).toBeUndefined();
    expect(await someone.page.locator('#bold, img[src="x"]').count()).toBe(0);
  });
});

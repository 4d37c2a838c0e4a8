import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { seen, type Window } from './window.ts';

/** What has the focus, by what a screen reader would call it. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    const labels = element && 'labels' in element ? [...(element.labels as NodeListOf<HTMLLabelElement>)] : [];
    return [element?.getAttribute('aria-label'), ...labels.map((label) => label.textContent), element?.textContent]
      .filter((text) => text)
      .join(' | ');
  });

/** What the message that has the focus says. */
const articleWithFocus = () => document.activeElement?.matches('article') && document.activeElement.textContent;

/** Whether what has the focus is where its log shows it. */
function isFocusInSight(): boolean {
  const [inner, outer] = [document.activeElement, document.querySelector('[role="log"]')].map(
    (element) => element?.getBoundingClientRect() ?? new DOMRect(),
  );
  return inner !== undefined && outer !== undefined && inner.top >= outer.top && inner.bottom <= outer.bottom;
}

/** Presses Tab until something by this name has the focus. */
async function tabTo({ page }: Window, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 80; presses += 1) {
    const now = await focused(page);
    if (name.test(now)) return;
    passed.push(now.slice(0, 40));
    await page.keyboard.press(key);
  }
  throw new Error(`Tab never came to ${name}, but to: ${passed.join(', ')}`);
}

inBrowser('the keyboard alone', (desk) => {
  test('asks, approves as another, and gives access back', async () => {
    const window = await desk.window('olivia');
    const { page } = window;
    await tabTo(window, /^Message /);
    await page.keyboard.type('/break');
    await seen(page.getByRole('listbox', { name: 'Commands' }).getByText('/breakglass').first());
    await page.keyboard.press('Tab');
    expect(await window.composer.inputValue()).toMatch(/^\/breakglass/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Enter');

    const form = window.dialog('Break-glass request');
    // The window that comes first only says to wait; the form that takes its place has the focus in its first field.
    await form.getByRole('combobox', { name: 'Tenant' }).waitFor();
    await tabTo(window, /Tenant/);
    await page.keyboard.type('acme');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await tabTo(window, /Reason/);
    await page.keyboard.type('Search is down for everybody; I will restart it');
    await tabTo(window, /Ticket/);
    await page.keyboard.type('INC-7');
    await page.keyboard.press('Enter');
    await form.waitFor({ state: 'hidden' });
    await seen(window.message('INC-7', 'Waiting for approval'));
    // Where the form was opened from has the focus again.
    await expect.poll(() => focused(page)).toMatch(/^Message /);

    await tabTo(window, /^You are/, 'Shift+Tab');
    await page.keyboard.type('Anna');
    await tabTo(window, /#acme-owners/);
    await page.keyboard.press('Enter');
    await tabTo(window, /^Approve$/);
    await page.keyboard.press('Enter');
    const question = window.dialog('Approve this access?');
    await question.waitFor();
    await tabTo(window, /^Approve$/);
    await page.keyboard.press('Enter');
    await question.waitFor({ state: 'hidden' });
    await seen(window.message('INC-7').getByText('approved by @Anna'));
    // The button is gone: its message has the focus in its stead.
    await expect.poll(() => page.evaluate(articleWithFocus)).toMatch(/INC-7.*approved by @Anna/s);
  });

  test('is where one types after becoming somebody else, and comes there past all that stands before it', async () => {
    const window = await desk.window('olivia');
    const { page } = window;
    await page.keyboard.press('Tab');
    expect(await focused(page)).toBe('To the message field');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Message Breakglass');
    await tabTo(window, /^Be Sam$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Message #access-security');
    await tabTo(window, /^Be Olivia$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Message Breakglass');
    await window.open('general');
    await tabTo(window, /^Be Olivia$/, 'Shift+Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => focused(page)).toBe('Message Breakglass');
  });

  test('chooses a person by the letters of a name, and opens nobody on the way', async () => {
    const window = await desk.window('sofia', {}, '/?as=sofia&channel=access-security');
    const { page } = window;
    const visited: string[] = [];
    page.on('websocket', (line) => visited.push(new URL(line.url()).searchParams.get('as') ?? ''));
    await page.getByLabel('You are').focus();
    // The first letter alone chooses the next name that begins with it: Stan.
    await Promise.all([...'Sam'].map((letter) => page.keyboard.press(letter))); // as fast as somebody types
    await expect.poll(() => page.title()).toMatch(/^Sam( \(\d+\))? · Breakglass sandbox$/);
    expect([visited, page.url()]).toEqual([['sam'], `${desk.url}/?as=sam`]);
    expect(await focused(page)).toMatch(/^You are/);
  });

  test('moves the machine without losing its place, and is told calmly what can’t be moved', async () => {
    const window = await desk.window('ada');
    const { page } = window;
    await tabTo(window, /^To the panel$/);
    await page.keyboard.press('Enter');
    await tabTo(window, /^To the review's due time$/);
    const before = await window.behind.getByLabel('Request').boundingBox();
    await page.keyboard.press('Enter');
    await seen(window.behind.getByRole('status').getByText('No review is due.'));
    expect(await window.behind.getByLabel('Request').boundingBox()).toEqual(before);
    await tabTo(window, /^Kill the bot$/);
    await page.keyboard.press('Enter');
    await seen(page.getByRole('button', { name: 'Start the bot', disabled: false }));
    await page.keyboard.press('Enter');
    await seen(page.getByRole('button', { name: 'Kill the bot', disabled: false }));
    expect(await focused(page)).toBe('Kill the bot');
  });

  test('follows a permalink on this page, where it leads to the message or says that it is not there', async () => {
    const window = await desk.window('otis');
    const { page } = window;
    await window.open('general');
    for (let line = 1; line < 20; line += 1) await window.type(`Line ${line}`);
    await seen(window.message('Line 19'));
    const first = desk.stack.slack.messages('C0GENERAL').find(({ text }) => text === 'Line 1');
    const ways = { 'the first': first?.ts.replace('.', ''), 'the lost': '1000000000000000' };
    const text = Object.entries(ways).map(([of, ts]) => `<https://home.slack.com/archives/C0GENERAL/p${ts}|${of}>`);
    const body = new URLSearchParams({ token: 'xoxb-sandbox', channel: 'D0OTIS', text: text.join(' ') });
    expect(
      await (await fetch(`${desk.stack.slack.apiUrl}chat.postMessage`, { method: 'POST', body })).json(),
    ).toMatchObject({ ok: true });
    await window.open('dm');
    await page.getByRole('link', { name: 'the lost' }).press('Enter');
    await seen(page.getByText('That message is not there.'));
    await page.getByRole('link', { name: 'the first' }).press('Enter');
    await expect.poll(() => page.evaluate(articleWithFocus)).toMatch(/Line 1$/);
    await expect.poll(() => page.url()).toBe(`${desk.url}/?as=otis&channel=C0GENERAL`);
    expect(await page.evaluate(isFocusInSight)).toBe(true);
    expect([...desk.hosts]).toEqual([new URL(desk.url).host]);
  });

  test('sends each line, also while the one before is still on its way', async () => {
    const window = await desk.window('petra', {}, '/?as=petra&channel=C0GENERAL');
    const { page } = window;
    await page.routeWebSocket(/\/live\?/, (line) => {
      const sandbox = line.connectToServer();
      // What became of an act is never told.
      sandbox.onMessage((news) => JSON.parse(String(news)).kind === 'outcome' || line.send(news));
    });
    await page.reload();
    await window.log('general').waitFor();
    for (const line of ['The first', 'The second']) await window.type(line);
    const said = () => desk.stack.slack.messages('C0GENERAL').filter(({ user }) => user === 'U0PETRA');
    await expect.poll(() => said().map(({ text }) => text)).toEqual(['The first', 'The second']);
  });

  test('puts away with Escape what lies over the talk on a narrow window', async () => {
    const window = await desk.window('olivia', { viewport: { width: 375, height: 740 } });
    const { page } = window;
    for (const [drawer, part] of [
      ['Panel', window.behind],
      ['Channels', page.getByRole('navigation', { name: 'Channels' })],
    ] as const) {
      await page.getByRole('button', { name: new RegExp(`^${drawer}`) }).press('Enter');
      await seen(part);
      await part.getByRole('button').first().focus();
      await page.keyboard.press('Escape');
      await part.waitFor({ state: 'hidden' });
      expect(await focused(page)).toMatch(new RegExp(`^${drawer}`));
    }
  });

  test('stays in a modal, and Escape leaves it', async () => {
    const window = await desk.window('omar');
    const { page } = window;
    await window.type('/support-access');
    const form = window.dialog('Support access');
    await form.waitFor();
    const inside = () =>
      form.evaluate((dialog) => dialog.contains(document.activeElement) || document.activeElement === document.body);
    for (let presses = 0; presses < 40; presses += 1) {
      await page.keyboard.press('Tab');
      expect(await inside()).toBe(true);
    }
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'hidden' });
  });
});

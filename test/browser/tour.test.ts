import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { inBrowser } from './in-browser.ts';
import { seen } from './window.ts';

inBrowser('the tour on the page', (desk) => {
  test('shows who acts and where, the form as it is filled in, and can be hurried and left', async () => {
    const window = await desk.window('ada');
    const { page } = window;
    await page.getByRole('button', { name: 'Play the tour' }).click();
    const tour = page.getByRole('region', { name: 'Tour' });
    await seen(tour.getByText('Journey 1 of 21'));
    // The window goes where the step is, and its person can't be changed.
    await expect.poll(() => page.getByLabel('You are').inputValue()).toBe('olivia');
    await expect.poll(() => page.evaluate(watched), patience).toEqual({ ticket: 'INC-101', canBeSent: false });
    await tour.getByRole('button', { name: 'Pause' }).click();
    await seen(tour.getByText('Journey 1 of 21, paused'));
    expect(await violations(window)).toEqual([]);

    await tour.getByRole('button', { name: 'Next journey' }).click();
    await seen(tour.getByText('Journey 2 of 21'));
    await tour.getByRole('button', { name: 'Leave the tour' }).click();
    await tour.waitFor({ state: 'hidden' });
    // What was played there is nothing to the workspace that one comes back to.
    await seen(window.behind.getByText('Nothing was asked for yet.', { exact: false }));
    expect(desk.stack.slack.deliveries).toEqual([]);
  });
});

/** The tour goes at its own pace. */
const patience = { timeout: 30_000 };

/** What of the form is to be seen in one glance: the tour goes on while a test would look twice. */
function watched(): { ticket: string | undefined; canBeSent: boolean } {
  const dialog = document.querySelector('dialog[open]');
  const typed = [...(dialog?.querySelectorAll('input') ?? [])].filter(({ type }) => type === 'text');
  return {
    ticket: typed.map(({ value }) => value).find((value) => value.startsWith('INC-')),
    canBeSent: dialog?.querySelector('button[type="submit"]:enabled') != null,
  };
}

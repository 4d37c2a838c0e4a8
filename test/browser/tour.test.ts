import type { Locator } from 'playwright-core';
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
    expect(await tour.evaluate((region) => region === document.activeElement)).toBe(true);
    // The window goes where the step is, and its person can't be changed.
    await expect.poll(() => page.getByLabel('You are').inputValue()).toBe('olivia');
    const typed = page.getByRole('textbox', { name: 'Message Breakglass' });
    await expect.poll(() => typed.inputValue(), patience).toBe('/breakglass');
    await expect.poll(() => page.evaluate(watched), patience).toEqual(filled);
    await tour.getByRole('button', { name: 'Pause' }).click();
    await seen(tour.getByText('Journey 1 of 21, paused'));
    expect(await violations(window)).toEqual([]);
    // What can not be operated looks all the same, whatever it would do.
    const colour = (of: Locator) => of.evaluate((element) => getComputedStyle(element).color);
    const killing = await colour(page.getByRole('button', { name: 'Kill the bot' }));
    expect(killing).toBe(await colour(page.getByRole('button', { name: '+5 min' })));

    await tour.getByLabel('Pace').selectOption('Quick');
    await expect.poll(() => tour.getByLabel('Pace').inputValue()).toBe('quick');
    await tour.getByRole('button', { name: 'Next step' }).click();
    await seen(tour.getByRole('list', { name: 'Steps' }).getByText('Olivia sends the form, and it closes'));
    await seen(tour.getByText('Journey 1 of 21, paused'));
    // The panel follows the request that the tour is about, not whichever is the newest.
    const followed = window.behind.getByLabel('Request').locator('option:checked');
    await expect.poll(() => followed.textContent()).toBe('INC-101: acme, Olivia, requested');

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

const filled = { ticket: 'INC-101', canBeSent: false, isMarked: true };

/** What of the form is to be seen in one glance: the tour goes on while a test would look twice. */
function watched(): { ticket: string | undefined; canBeSent: boolean; isMarked: boolean } {
  const dialog = document.querySelector('dialog[open]');
  const typed = [...(dialog?.querySelectorAll('input') ?? [])].filter(({ type }) => type === 'text');
  const submit = dialog?.querySelector('button[type="submit"]');
  return {
    isMarked: submit != null && getComputedStyle(submit).outlineStyle === 'solid',
    ticket: typed.map(({ value }) => value).find((value) => value.startsWith('INC-')),
    canBeSent: dialog?.querySelector('button[type="submit"]:enabled') != null,
  };
}

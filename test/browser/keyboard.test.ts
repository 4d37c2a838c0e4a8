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

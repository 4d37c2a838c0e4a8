import type { BrowserContextOptions } from 'playwright-core';
import { expect, test } from 'vitest';
import { violations } from './axe.ts';
import { inBrowser } from './in-browser.ts';
import { asked, seen } from './window.ts';

const looks: readonly (readonly [string, BrowserContextOptions])[] = [
  ['light', { colorScheme: 'light', viewport: { width: 1440, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1440, height: 900 } }],
  ['on a phone', { colorScheme: 'light', viewport: { width: 375, height: 740 } }],
];

inBrowser('an accessibility scan', (desk) => {
  test.each(looks)('finds nothing wrong with any main view: %s', async (name, options) => {
    const ticket = `INC-${name.length}${options.viewport?.width}`;
    const olivia = await desk.window('olivia', options);
    const views: Record<string, string[]> = {};
    const scan = async (view: string, window = olivia) => {
      views[view] = await violations(window);
    };
    await scan('the first visit');
    await olivia.type('/breakglass help');
    await seen(olivia.page.getByText('Only visible to you').first());
    await scan('an answer that only one sees');
    await olivia.composer.fill('/');
    await seen(olivia.page.getByRole('listbox', { name: 'Commands' }));
    await scan('the completion of commands');
    await olivia.composer.fill('');

    await olivia.type('/breakglass');
    const form = olivia.dialog('Break-glass request');
    await form.waitFor();
    await scan('a form');
    await form.getByRole('combobox', { name: 'Tenant' }).press('ArrowDown');
    await scan('an open menu');
    await form.getByRole('combobox', { name: 'Tenant' }).press('Escape');
    await form.getByRole('button', { name: 'Ask' }).click();
    await expect.poll(() => form.getByRole('textbox', { name: 'Reason' }).getAttribute('aria-invalid')).toBe('true');
    await scan('a form with mistakes');
    await olivia.fillIn(form, asked({ ticket, tenant: 'Globex' }));
    await form.getByRole('button', { name: 'Ask' }).click();
    await form.waitFor({ state: 'hidden' });
    await seen(olivia.message(ticket));
    await scan('a card and the panel');

    const gina = await desk.window('gina', options);
    await gina.open('globex');
    await gina.press(gina.message(ticket), 'Approve');
    await gina.dialog('Approve this access?').waitFor();
    await scan('a question before a button', gina);
    await gina.dialog('Approve this access?').getByRole('button', { name: 'Not yet' }).click();
    await gina.press(gina.message(ticket), 'Deny');
    const deny = gina.dialog('Deny the request');
    await deny.getByRole('textbox').fill('No longer needed, thank you all the same');
    await deny.getByRole('button', { name: 'Deny' }).click();
    await deny.waitFor({ state: 'hidden' });

    await olivia.slack('Is down');
    await seen(olivia.page.getByText('Slack is down').first());
    await scan('a banner');
    await olivia.slack('Works');
    expect(views).toEqual(Object.fromEntries(Object.keys(views).map((view) => [view, []])));
  });
});

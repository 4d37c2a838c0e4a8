import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, seen } from './window.ts';

inBrowser('the journey', (desk) => {
  test('a request is approved in two windows, is active, and runs out', async () => {
    const olivia = await desk.window('olivia');
    const anna = await desk.window('anna');
    const sam = await desk.window('sam');
    await anna.open('acme');
    await sam.open('security');

    await olivia.ask(asked({ ticket: 'INC-1' }));
    const mine = olivia.message('Break-glass: Content access on Acme Corp', 'INC-1');
    await seen(mine.getByText('Waiting for approval until'));
    await anna.pressAndConfirm(anna.message('INC-1'), 'Approve');
    // The card changes in place, also where nobody touched it.
    await seen(mine.getByText('approved by @Anna'));
    await seen(sam.message('INC-1').getByText('approved by @Anna'));
    await seen(anna.message('INC-1').getByText('approved by @Anna'));
    expect(await anna.message('INC-1').getByRole('button', { name: 'Approve' }).count()).toBe(0);

    await sam.pressAndConfirm(sam.message('INC-1'), 'Approve');
    await seen(mine.getByText('Active until'));
    await seen(olivia.message('Your access is active'));
    await seen(olivia.behind.getByText('break_glass.activated'));

    await sam.control('To expiry');
    await seen(mine.getByText('Expired'));
    await seen(anna.message('Access is over'));
    await seen(olivia.behind.getByText('break_glass.expired'));
  });

  test('a denial needs a reason, and reaches who asked', async () => {
    const olivia = await desk.window('olivia');
    const gina = await desk.window('gina');
    await gina.open('globex');
    await olivia.ask(asked({ ticket: 'INC-2', tenant: 'Globex' }));
    await gina.press(gina.message('INC-2'), 'Deny');
    const form = gina.dialog('Deny the request');
    await form.getByRole('button', { name: 'Deny' }).click();
    const reason = form.getByRole('textbox', { name: 'Reason, for the requester and the record' });
    await expect.poll(() => reason.getAttribute('aria-invalid')).toBe('true');
    await reason.fill('We are repairing it ourselves, please stay out');
    await form.getByRole('button', { name: 'Deny' }).click();
    await form.waitFor({ state: 'hidden' });
    await seen(olivia.message('INC-2').getByText('We are repairing it ourselves').first());
    await seen(gina.message('INC-2').getByText('Denied').first());
  });

  test('what is wrong in a form is said at its field, and what was typed stays', async () => {
    const olivia = await desk.window('olivia');
    await olivia.type('/breakglass');
    const form = olivia.dialog('Break-glass request');
    await olivia.fillIn(form, asked({ ticket: 'not a ticket', reason: 'too short' }));
    await form.getByRole('button', { name: 'Ask' }).click();
    const [reason, ticket] = ['Reason', 'Ticket'].map((name) => form.getByRole('textbox', { name }));
    await expect.poll(() => reason?.getAttribute('aria-invalid')).toBe('true');
    expect(await reason?.inputValue()).toBe('too short');
    expect(await ticket?.inputValue()).toBe('not a ticket');
    const described = await reason?.getAttribute('aria-describedby');
    const sentences = (described ?? '').split(' ').map((id) => form.locator(`[id="${id}"]`).textContent());
    expect((await Promise.all(sentences)).join(' ')).toMatch(/between 15 and 1000 characters/);
    expect(await reason?.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.waitFor({ state: 'hidden' });
  });

  test('a guest is refused, and is not told what there is', async () => {
    const gwen = await desk.window('gwen');
    await gwen.type('/breakglass');
    const refusal = gwen.page.getByRole('dialog');
    await seen(refusal.getByText(/guest|operator/i).first());
    expect(await refusal.getByRole('combobox').count()).toBe(0);
    expect(await refusal.textContent()).not.toMatch(/Acme|Globex|Initech/);
    await refusal.getByRole('button', { name: 'Close' }).first().click();
  });
});

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

async function fillAll(form: Locator, text: string): Promise<void> {
  await seen(form.getByRole('textbox').first());
  for (const field of await form.getByRole('textbox').all()) await field.fill(text);
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

  test('is text in the forms of a session: evidence, review and excuse, a revocation, the filter of the trail', async () => {
    const olivia = await desk.window('olivia');
    const anna = await desk.window('anna');
    const sam = await desk.window('sam');
    await Promise.all([olivia.open('dm'), anna.open('acme'), sam.open('security')]);
    await olivia.ask(asked({ ticket: 'INC-2', reason: evil }));
    await anna.pressAndConfirm(anna.message('INC-2'), 'Approve');
    await sam.pressAndConfirm(sam.message('INC-2', 'approved by @Anna'), 'Approve');
    await seen(olivia.message('INC-2', 'Active until'));
    await olivia.press(olivia.message('INC-2', 'Active until'), 'Attach evidence');
    const evidence = olivia.dialog('Attach evidence');
    await fillAll(evidence, evil);
    await evidence.getByRole('textbox', { name: 'Links' }).fill('https://example.com/evidence');
    await evidence.getByRole('button', { name: 'Attach' }).click();
    await seen(evidence.getByText('attached', { exact: false }).first());
    await olivia.page.keyboard.press('Escape');

    await sam.press(sam.message('INC-2', 'Active until'), 'Revoke');
    await fillAll(sam.dialog('Revoke access'), evil);
    await sam.dialog('Revoke access').getByRole('button', { name: 'Revoke' }).click();
    await harmless(olivia, olivia.message('INC-2', 'Revoked'), evil);
    const sofia = await desk.window('sofia');
    await sofia.open('security');
    await sofia.control("To the review's due time");
    await sofia.press(sofia.message('Review: ', 'INC-2'), 'Excuse');
    await fillAll(sofia.dialog('Excuse the review'), evil);
    await sofia.dialog('Excuse the review').getByRole('button', { name: 'Excuse' }).click();
    await harmless(sofia, sofia.message('Review: ', 'INC-2', 'Excused'), evil);
    const ada = await desk.window('ada');
    await ada.open('security');
    await ada.press(ada.message('Review: ', 'INC-2'), 'Review');
    const review = ada.dialog('Review the session');
    await review.waitFor();
    for (const yes of await review.getByRole('radio', { name: 'Yes' }).all()) await yes.check();
    await fillAll(review, `${evil} https://example.com/evidence`);
    await review.getByRole('button', { name: 'Send' }).click();
    await review.waitFor({ state: 'hidden' });
    await harmless(ada, ada.message('Review: ', 'INC-2', 'Reviewed'), evil);
    await ada.type('/breakglass audit acme');
    const trail = ada.page.getByRole('article').filter({ hasText: 'Only visible to you' }).last();
    await ada.press(trail, 'Filter');
    const filter = ada.dialog('Filter the audit trail');
    await fillAll(filter, evil.slice(0, 60));
    await filter.getByRole('button', { name: 'Show' }).click();
    await seen(filter.or(trail).first());
    expect(await pwned(ada.page)).toBeUndefined();
    await harmless(ada, ada.behind, evil);
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

import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, nameOf, seen, type Window } from './window.ts';

/** Sends a form, which closes. */
async function send(form: Locator, button: string): Promise<void> {
  await form.getByRole('button', { name: button, exact: true }).click();
  await form.waitFor({ state: 'hidden' });
}

const chooseIn = async (form: Locator, field: string, option: string): Promise<void> => {
  await form.getByRole('combobox', { name: field }).fill(option);
  await form.getByRole('option', { name: option, exact: true }).click();
};

inBrowser('what the bot can do', (desk) => {
  /** Olivia's access to Acme Corp, agreed on for a quarter of an hour. */
  async function activated(olivia: Window, sofia: Window, ticket: string): Promise<void> {
    await olivia.open('dm');
    await olivia.ask(asked({ ticket }));
    const anna = await desk.window('anna');
    await anna.open('acme');
    await anna.press(anna.message(ticket), 'Approve for less time');
    const shorter = anna.dialog('Approve for less time');
    await chooseIn(shorter, 'How long', '15 min');
    await send(shorter, 'Approve');
    await sofia.open('security');
    await sofia.pressAndConfirm(sofia.message(ticket, '15 min'), 'Approve');
    await seen(olivia.message(ticket, 'Active until'));
  }

  test('a session: evidence, "I’m done", and the review with its seven questions', async () => {
    const olivia = await desk.window('olivia');
    const sofia = await desk.window('sofia');
    await activated(olivia, sofia, 'INC-1');
    await olivia.press(olivia.message('INC-1', 'Active until'), 'Attach evidence');
    const evidence = olivia.dialog('Attach evidence');
    await evidence.getByRole('textbox', { name: 'Title' }).fill('The import, stopped');
    await evidence.getByRole('textbox', { name: 'What was done' }).fill('Stopped the import and put back 14 documents');
    await evidence.getByRole('button', { name: 'Attach' }).click();
    await seen(evidence.getByText('attached', { exact: false }).first());
    await olivia.page.keyboard.press('Escape');
    await olivia.press(olivia.message('INC-1', 'Active until'), "I'm done");
    await seen(olivia.message('INC-1').getByText('Ended').first());

    const sam = await desk.window('sam');
    await sam.open('security');
    await sam.press(sam.message('Review: ', 'INC-1'), 'Review');
    const review = sam.dialog('Review the session');
    const questions = review.getByRole('radiogroup').or(review.getByRole('group'));
    await seen(questions.first());
    expect(await questions.count()).toBe(7);
    for (const question of await questions.all()) await question.getByRole('radio').first().check();
    for (const note of await review.getByRole('textbox').all()) {
      await note.fill('It is described in https://tickets.example.com/INC-1');
    }
    await send(review, 'Send');
    await seen(
      sam
        .message('Review: ', 'INC-1')
        .getByText(/reviewed by/i)
        .first(),
    );
  });

  test('support access: the audit view is active at once, and security may revoke it with a reason', async () => {
    const omar = await desk.window('omar');
    await omar.open('dm');
    await omar.type('/support-access');
    const form = omar.dialog('Support access');
    await omar.chooseTenant(form, 'Globex');
    await form.getByRole('radio', { name: 'Audit view' }).check();
    await form.getByRole('textbox', { name: 'Reason' }).fill('They ask who changed their retention settings');
    await form.getByRole('textbox', { name: 'Ticket' }).fill('SUP-1');
    await send(form, 'Ask');
    await seen(omar.message('SUP-1', 'Active until'));
    const sam = await desk.window('sam');
    await sam.open('security');
    await sam.press(sam.message('SUP-1'), 'Revoke');
    const revoke = sam.dialog('Revoke access');
    await revoke.getByRole('textbox').fill('This is answered by now, thank you');
    await send(revoke, 'Revoke');
    await seen(omar.message('SUP-1').getByText('Revoked').first());
  });

  test('an overdue review is listed, and excused with a reason', async () => {
    const olivia = await desk.window('olivia');
    const sofia = await desk.window('sofia');
    await activated(olivia, sofia, 'INC-2');
    await olivia.control('To expiry');
    await seen(olivia.message('INC-2').getByText('Expired').first());
    await olivia.control("To the review's due time");
    const sam = await desk.window('sam');
    await sam.open('security');
    await sam.type('/breakglass reviews');
    await seen(
      sam.page
        .getByRole('article')
        .filter({ hasText: 'Only visible to you' })
        .getByText(/overdue/i)
        .first(),
    );
    await sam.press(sam.message('Review: ', 'INC-2'), 'Excuse');
    const excuse = sam.dialog('Excuse the review');
    await excuse.getByRole('textbox').fill('Olivia is on leave until Monday');
    await send(excuse, 'Excuse');
    await seen(
      sam
        .message('Review: ', 'INC-2')
        .getByText(/excused by/i)
        .first(),
    );
  });

  test('the audit trail: filtered by a person, older ones, and a file by direct message', async () => {
    const ada = await desk.window('ada');
    await ada.open('dm');
    const alone = ada.page.getByRole('article').filter({ hasText: 'Only visible to you' });
    const page = alone.last();
    // Each look is on record, so that looking fills more than a page.
    for (let looks = 1; (await page.getByRole('button', { name: 'Older' }).count()) === 0; looks += 1) {
      await ada.type('/breakglass audit');
      await expect.poll(() => alone.count()).toBe(looks);
      await seen(page.getByText('Audit trail of everything').first());
    }
    await ada.press(page, 'Older');
    await seen(page.getByText('tenant.created').or(page.getByText('break_glass.requested')).first());
    await ada.press(page, 'Filter');
    const filter = ada.dialog('Filter the audit trail');
    await chooseIn(filter, 'By or about', 'Olivia');
    await filter.getByRole('textbox', { name: 'Tenant' }).fill('acme');
    await filter.getByRole('button', { name: 'Show' }).click();
    const narrowed = ada.dialog('Audit trail').filter({ hasText: 'Audit trail of Acme Corp' });
    await seen(narrowed.getByText('by or about'));
    await ada.page.keyboard.press('Escape');
    await ada.press(page, 'CSV by DM');
    const file = ada.page.getByRole('link', { name: /\.csv/ }).first();
    await seen(file);
    const [download] = await Promise.all([ada.page.waitForEvent('download'), file.click()]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
  });

  test('the digest: at eight in the morning security reads what is open', async () => {
    const sam = await desk.window('sam');
    await sam.open('security');
    await sam.control('To the digest');
    await seen(sam.message('Access summary, all tenants'));
  });

  test('each person sees their channels and no others, also after switching', async () => {
    const someone = await desk.window('gina');
    const names = async () =>
      (await someone.page.getByRole('navigation', { name: 'Channels' }).getByRole('button').allTextContents()).join(
        ' ',
      );
    expect(await names()).toContain('globex-owners');
    expect(await names()).not.toContain('acme-owners');
    await someone.be('anna');
    await seen(someone.channelButton('acme'));
    expect(await names()).not.toContain('globex-owners');
    await someone.page.goBack();
    await seen(someone.channelButton('globex'));
    expect(await someone.page.getByRole('button', { name: nameOf('acme') }).count()).toBe(0);
  });
});

inBrowser(
  'more tenants than a menu holds',
  (desk) => {
    test('are searched for as the operator types', async () => {
      const olivia = await desk.window('olivia');
      await olivia.open('dm');
      await olivia.type('/breakglass');
      const form = olivia.dialog('Break-glass request');
      await olivia.fillIn(form, asked({ ticket: 'INC-1', tenant: 'Initech' }));
      await send(form, 'Ask');
      await seen(olivia.message('INC-1', 'Initech'));
    });
  },
  { tenants: 150 },
);

import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, nameOf, seen } from './window.ts';

inBrowser('what the bot can do', (desk) => {
  test('reviews: a session that ended leaves one behind, which security answers', async () => {
    const olivia = await desk.window('olivia');
    await olivia.ask(asked({ ticket: 'INC-1' }));
    const anna = await desk.window('anna');
    await anna.open('acme');
    await anna.pressAndConfirm(anna.message('INC-1'), 'Approve');
    const sofia = await desk.window('sofia');
    await sofia.open('security');
    await sofia.pressAndConfirm(sofia.message('INC-1'), 'Approve');
    await seen(olivia.message('INC-1', 'Active until'));
    await olivia.press(olivia.message('INC-1', 'Active until'), "I'm done");
    await seen(olivia.message('INC-1').getByText('Ended').first());

    const sam = await desk.window('sam');
    await sam.open('security');
    const card = sam.message('Review: ', 'INC-1');
    await seen(card);
    await sam.press(card, 'Review');
    const form = sam.dialog('Review');
    await seen(form.getByRole('radio').first());
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.waitFor({ state: 'hidden' });
  });

  test('the audit trail: a page of it, older ones, and a file by direct message', async () => {
    const ada = await desk.window('ada');
    await ada.open('dm');
    await ada.type('/breakglass audit since 1d');
    const page = ada.page.getByRole('article').filter({ hasText: 'Only visible to you' }).last();
    await seen(page.getByRole('button', { name: 'CSV by DM' }));
    await page.getByRole('button', { name: 'CSV by DM' }).click();
    const file = ada.page.getByRole('link', { name: /\.csv/ }).first();
    await seen(file);
    const [download] = await Promise.all([ada.page.waitForEvent('download'), file.click()]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
  });

  test('the digest: at eight in the morning security reads what is open', async () => {
    const sam = await desk.window('sam');
    await sam.open('security');
    await sam.control('To the digest');
    await seen(sam.message('Daily').or(sam.message('Summary')).or(sam.message('24 h')).last());
  });

  test('each person sees their channels and no others, also after switching', async () => {
    const someone = await desk.window('gina');
    const names = async () =>
      (await someone.page.getByRole('navigation', { name: 'Channels' }).getByRole('button').allInnerTexts()).join(' ');
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
      await olivia.type('/breakglass');
      const form = olivia.dialog('Break-glass request');
      await olivia.fillIn(form, asked({ ticket: 'INC-1', tenant: 'Initech' }));
      await form.getByRole('button', { name: 'Ask' }).click();
      await form.waitFor({ state: 'hidden' });
      await seen(olivia.message('INC-1', 'Initech'));
    });
  },
  { tenants: 150 },
);

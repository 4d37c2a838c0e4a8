import { expect, test } from 'vitest';
import type { JsonObject } from '../../../sandbox/slack/json.ts';
import { actions, button, input, modal, radio, select, text } from '../../sandbox/blocks.ts';
import { option, plain } from '../../sandbox/cast.ts';
import { viewOf } from '../../sandbox/page/browser/drawn.ts';
import { onStage } from './on-stage.ts';

const field = (id: string, element: JsonObject, over: JsonObject = {}): JsonObject => ({
  ...input({ ...element, action_id: id }, { block_id: id, label: plain(id), ...over }),
});
const view = (blocks: JsonObject[], over: object = {}) => ({ ...viewOf(modal({ blocks })), ...over });
const external = { type: 'external_select', min_query_length: 2 };
const whole = [
  field('Menu', select()),
  field('Kind', radio()),
  field('Reason', text({ multiline: true })),
  field('Ticket', text()),
];

onStage('a form', (stage) => {
  test('tells choices at once, and what is typed when it is finished', async () => {
    const { page } = stage();
    await stage().show({ views: [view(whole)] });
    await page.getByRole('radio', { name: 'v1' }).check();
    expect(await stage().said()).toEqual([['fill', { view: 'V1', entries: { Kind: 'v1' } }]]);
    await page.getByLabel('Reason').pressSequentially('so');
    expect(await stage().said()).toEqual([]);
    await page.getByLabel('Ticket').focus();
    expect(await stage().said()).toEqual([['fill', { view: 'V1', entries: { Reason: 'so' } }]]);
  });

  test('tells the app what is outside an input, or inside one that says so', async () => {
    const { page } = stage();
    const menu = { ...actions(select({ placeholder: plain('Outside') })), block_id: 'row' };
    const asks = field('Inside', radio(), { dispatch_action: true });
    await stage().show({ views: [view([menu, asks, { ...actions(button({ value: 'v' })), block_id: 'buttons' }])] });
    await page.getByRole('combobox', { name: 'Outside' }).click();
    await page.getByRole('option', { name: 'v0' }).click();
    await page.getByRole('radio', { name: 'v1' }).check();
    await page.getByRole('button', { name: 'Go' }).click();
    expect(await stage().said()).toEqual([
      ['choose', { view: 'V1', block: 'row', entry: 'v0' }],
      ['choose', { view: 'V1', block: 'Inside', entry: 'v1' }],
      ['press', { view: 'V1', block: 'buttons', action: 'go', value: 'v' }],
    ]);
  });

  test('is sent whole by Enter in a line, is busy meanwhile, and leads to the first wrong field', async () => {
    const { page } = stage();
    await stage().show({ views: [view(whole)] });
    await stage().answer({ submit: { kind: 'errors', errors: { Reason: 'too short', Kind: 'choose one' } } });
    await page.getByLabel('Reason').fill('so\nso');
    await page.getByLabel('Ticket').fill('T-1');
    await stage().said();
    await stage().hold();
    await page.getByLabel('Ticket').press('Enter');
    await page.locator('button[type=submit][aria-busy="true"]').waitFor();
    await page.getByLabel('Ticket').press('Enter');
    expect((await stage().said()).filter(([kind]) => kind === 'submit')).toEqual([
      ['submit', { view: 'V1', entries: { Menu: null, Kind: null, Reason: 'so\nso', Ticket: 'T-1' } }],
    ]);
    await stage().release();
    await page.getByText('choose one').waitFor();
    expect(await page.getByRole('radiogroup', { name: 'Kind' }).getAttribute('aria-invalid')).toBe('true');
    await expect
      .poll(() =>
        page
          .getByRole('radio')
          .first()
          .evaluate((e) => e === document.activeElement),
      )
      .toBe(true);
    const reason = page.getByLabel('Reason');
    const said = await reason.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${said}"]`).textContent()).toContain('too short');
    await reason.fill('longer');
    expect(await reason.getAttribute('aria-invalid')).toBeNull();
  });

  test('says on top why it was refused', async () => {
    const { page } = stage();
    await stage().show({ views: [view(whole)] });
    await stage().answer({ submit: { kind: 'refused', why: 'The bot is down.' } });
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByRole('alert').getByText('The bot is down.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  test('keeps what was entered when the bot changes it, and takes the rest from the sandbox', async () => {
    const { page } = stage();
    await stage().show({ views: [view(whole)] });
    await page.getByLabel('Reason').fill('mine');
    await page.getByLabel('Ticket').fill('gone');
    const state = {
      Reason: { Reason: { type: 'plain_text_input', value: 'theirs' } },
      New: { New: { type: 'plain_text_input', value: 'from there' } },
    };
    const next = view([field('New', text()), field('Reason', text({ multiline: true }))], { hash: '2', state });
    await stage().show({ views: [next] });
    await page.getByLabel('New').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('mine');
    expect(await page.getByLabel('New').inputValue()).toBe('from there');
    await stage().show({ views: [view(whole, { hash: '3' })] });
    await page.getByLabel('Ticket').waitFor();
    expect(await page.getByLabel('Ticket').inputValue()).toBe('');
  });

  test('follows the sandbox where nobody entered anything', async () => {
    const { page } = stage();
    await stage().show({ views: [view(whole)] });
    const state = { Ticket: { Ticket: { type: 'plain_text_input', value: 'T-9' } } };
    await stage().show({ views: [view(whole, { state })] });
    await expect.poll(() => page.getByLabel('Ticket').inputValue()).toBe('T-9');
  });

  test('looks choices up as one types, from as many characters as the menu wants', async () => {
    const { page } = stage();
    await stage().show({ views: [view([field('Tenant', external)])] });
    const menu = page.getByRole('combobox', { name: 'Tenant' });
    await menu.click();
    await page.getByRole('status').getByText('Type at least 2 characters').waitFor();
    await stage().answer({ options: { kind: 'options', options: [option('acme', 'Acme'), option('zen', 'Zen')] } });
    await stage().hold();
    await menu.pressSequentially('ac');
    await page.getByRole('status').getByText('Loading').waitFor();
    await stage().release();
    await page.getByRole('option', { name: 'Zen' }).waitFor();
    await menu.press('ArrowDown');
    expect(await menu.getAttribute('aria-activedescendant')).toBe(
      await page.getByRole('option', { name: 'Zen' }).getAttribute('id'),
    );
    await menu.press('Enter');
    expect(await menu.inputValue()).toBe('Zen');
    expect(await stage().said()).toEqual([
      ['options', { view: 'V1', block: 'Tenant', query: 'ac' }],
      ['fill', { view: 'V1', entries: { Tenant: 'zen' } }],
    ]);
    await stage().answer({ options: { kind: 'options', options: [] } });
    await menu.fill('nobody');
    await page.getByRole('status').getByText('Nothing found').waitFor();
    await stage().answer({ options: { kind: 'refused', why: 'The bot is down.' } });
    await menu.fill('anybody');
    await page.getByRole('status').getByText('The bot is down.').waitFor();
  });
});

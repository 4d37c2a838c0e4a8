import { expect, test } from 'vitest';
import { actions, button, confirm, select } from '../../sandbox/blocks.ts';
import { option, plain, section } from '../../sandbox/cast.ts';
import { onStage } from './on-stage.ts';

const image = { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'A graph' };
const asks = button({ value: 'v', confirm: confirm({ confirm: plain('Do it'), deny: plain('Leave it') }) });
const row = (...elements: Parameters<typeof actions>) => ({ ...actions(...elements), block_id: 'row' });
const pressed = ['pressed', ['row', 'go', { value: 'v' }]];

onStage('a button', (stage) => {
  test('is busy while its press is on its way, takes no second one and keeps the focus', async () => {
    const { page } = stage();
    await stage().show({ blocks: [row(button({ value: 'v' })), image] });
    await stage().hold();
    const go = page.getByRole('button', { name: 'Go' });
    await go.click();
    await page.locator('[aria-busy="true"][aria-disabled="true"]').waitFor();
    await go.press('Enter');
    expect([await stage().said(), await stage().focused()]).toEqual([[pressed], 'Go']);
    await stage().release();
    await page.locator('[aria-busy]').waitFor({ state: 'detached' });
    expect(await stage().focused()).toBe('Go');
    await go.press('Enter');
    await expect.poll(() => stage().said()).toEqual([pressed]);
  });

  test.each(['Escape', 'Leave it'])('that asks does nothing after %s, and has the focus again', async (no) => {
    const { page } = stage();
    await stage().show({ blocks: [row(asks)] });
    await page.getByRole('button', { name: 'Go' }).click();
    const question = page.getByRole('dialog', { name: 'Sure?' });
    await question.getByText('Really?').waitFor();
    if (no === 'Escape') await page.keyboard.press('Escape');
    else await question.getByRole('button', { name: no }).click();
    await question.waitFor({ state: 'detached' });
    expect([await stage().said(), await stage().focused()]).toEqual([[], 'Go']);
  });

  test('that asks is pressed once after a yes', async () => {
    const { page } = stage();
    await stage().show({ blocks: [row(asks)] });
    await page.getByRole('button', { name: 'Go' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Do it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect([await stage().said(), await stage().focused()]).toEqual([[pressed], 'Go']);
  });
});

onStage('a menu in a message', (stage) => {
  test('tells at once what was chosen', async () => {
    const { page } = stage();
    await stage().show({ blocks: [row(select({ placeholder: plain('Which') }))] });
    await page.getByRole('combobox', { name: 'Which' }).click();
    await page.getByRole('option', { name: 'v1' }).click();
    expect(await page.getByRole('combobox').inputValue()).toBe('v1');
    expect(await stage().said()).toEqual([['pressed', ['row', 's', { choose: 'v1' }]]]);
  });

  test('behind three dots does what is chosen, and gives the focus back', async () => {
    const { page } = stage();
    const more = { type: 'overflow', action_id: 'o', options: [option('a'), option('b')] };
    await stage().show({ blocks: [{ ...section('x'), block_id: 'row', accessory: more }] });
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: 'b', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('button', { name: 'b', exact: true }).click();
    expect(await stage().said()).toEqual([['pressed', ['row', 'o', { choose: 'b' }]]]);
    expect(await stage().focused()).toBe('More actions');
  });
});

import { expect, test } from 'vitest';
import { input, modal, options, select, text } from '../../sandbox/blocks.ts';
import { plain, section } from '../../sandbox/cast.ts';
import { viewOf } from '../../sandbox/page/browser/drawn.ts';
import { onStage } from './on-stage.ts';

const form = viewOf(
  modal({
    blocks: [
      input(select(), { block_id: 'Menu', label: plain('Menu') }),
      input(text(), { block_id: 'Ticket', label: plain('Ticket') }),
    ],
  }),
);
const { submit: _, ...says } = modal({ title: plain('Above'), blocks: [section('x')] });
const above = { ...viewOf(says), id: 'V2' };
const close = (view: string) => ['close', { view }];

onStage('the focus', (stage) => {
  test('goes to the first field, never leaves the window by Tab, and goes back to where it was', async () => {
    const { page } = stage();
    await page.getByRole('button', { name: 'After' }).focus();
    await stage().show({ views: [form] });
    await page.getByRole('dialog').waitFor();
    const passed = new Set([await stage().focused()]);
    expect([...passed]).toEqual(['Menu']);
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      passed.add(await stage().focused());
    }
    // What is no control is the browser's own: its address bar and the like.
    expect(passed).toEqual(new Set(['Menu', 'Ticket', 'Cancel', 'Send', 'Close', 'nothing']));
    await stage().show({ views: [] });
    expect(await stage().focused()).toBe('After');
  });

  test('is where it was in the window below when the one above goes', async () => {
    const { page } = stage();
    await stage().show({ views: [form] });
    await page.getByLabel('Ticket').focus();
    await stage().show({ views: [form, above] });
    await page.getByRole('dialog', { name: 'Above' }).waitFor();
    expect(await page.getByRole('dialog', { name: 'Above' }).locator(':focus').count()).toBe(1);
    await stage().show({ views: [form] });
    expect(await stage().focused()).toBe('Ticket');
  });

  test('comes to the first field of what was only a notice, and stays where it is in use', async () => {
    await stage().show({ views: [{ ...above, id: 'V1' }] });
    expect(await stage().focused()).toBe('Close');
    await stage().show({ views: [{ ...form, hash: '2' }] });
    expect(await stage().focused()).toBe('Menu');
    await stage().page.getByLabel('Ticket').focus();
    await stage().show({ views: [{ ...form, hash: '3' }] });
    expect(await stage().focused()).toBe('Ticket');
  });

  test('is free while a window is only watched', async () => {
    const { page } = stage();
    await page.getByRole('button', { name: 'After' }).focus();
    await stage().show({ views: [form], readOnly: true });
    await page.getByRole('dialog').waitFor();
    expect(await stage().focused()).toBe('After');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Before' }).focus();
    expect([await stage().focused(), await stage().said()]).toEqual(['Before', []]);
  });
});

onStage('Tab', (stage) => {
  test('leaves an open list, also one that scrolls, for the next field, and chooses nothing', async () => {
    const { page } = stage();
    const menu = input(select({ options: options(40) }), { block_id: 'Menu', label: plain('Menu') });
    const next = input(text(), { block_id: 'Ticket', label: plain('Ticket') });
    await stage().show({ views: [viewOf(modal({ blocks: [menu, next] }))] });
    await page.getByRole('combobox', { name: 'Menu' }).click();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'v39' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    expect([await stage().focused(), await stage().said()]).toEqual(['Ticket', []]);
  });
});

onStage('Escape', (stage) => {
  test('closes the list first, then asks to close the top window, which stays until it is gone', async () => {
    const { page } = stage();
    await stage().show({ views: [form, above] });
    await page.keyboard.press('Escape');
    expect(await stage().said()).toEqual([close('V2')]);
    await stage().show({ views: [form] });
    await page.getByRole('combobox', { name: 'Menu' }).click();
    await page.getByRole('listbox').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('listbox').waitFor({ state: 'detached' });
    expect(await stage().said()).toEqual([]);
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Escape');
    expect(await stage().said()).toEqual([close('V1'), close('V1'), close('V1')]);
    expect(await page.getByRole('dialog').count()).toBe(1);
  });

  test('does what the X and the button do', async () => {
    const { page } = stage();
    await stage().show({ views: [form] });
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect(await stage().said()).toEqual([close('V1'), close('V1')]);
  });
});

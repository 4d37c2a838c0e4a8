import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, seen } from './window.ts';

inBrowser('bad weather', (desk) => {
  test('a bot that was killed catches up when it is back', async () => {
    const olivia = await desk.window('olivia');
    const sam = await desk.window('sam');
    await sam.open('security');
    await olivia.ask(asked({ ticket: 'INC-1' }));
    await seen(sam.message('INC-1'));

    await olivia.control('Kill the bot');
    await seen(olivia.page.getByText('The bot is not running').first());
    await sam.press(sam.message('INC-1'), 'Deny');
    await seen(sam.message('deny failed with the error'));
    // What fell due meanwhile is told when it is back: the request lapses by the database's clock.
    await olivia.control('To lapse');
    await olivia.control('Start the bot');
    await seen(olivia.message('INC-1').getByText('Lapsed').first());
    await seen(sam.message('INC-1').getByText('Lapsed').first());
    expect(await sam.message('INC-1').getByRole('button', { name: 'Deny' }).count()).toBe(0);
  });

  test('while Slack is down nothing gets through; when it is up again everything arrives', async () => {
    const olivia = await desk.window('olivia');
    const anna = await desk.window('anna');
    await anna.open('acme');
    await olivia.ask(asked({ ticket: 'INC-2' }));
    await seen(anna.message('INC-2'));

    await olivia.slack('Is down');
    await seen(anna.page.getByText('Slack is down').first());
    await anna.pressAndConfirm(anna.message('INC-2'), 'Approve');
    await seen(anna.page.getByText('Nothing gets through').first());
    await olivia.control('To lapse');
    await seen(olivia.behind.getByText('break_glass.lapsed'));
    await seen(olivia.behind.getByText('waiting').first());
    expect(await olivia.message('INC-2').getByText('Lapsed').count()).toBe(0);

    await olivia.slack('Works');
    await seen(olivia.message('INC-2').getByText('Lapsed').first());
    await seen(anna.message('INC-2').getByText('Lapsed').first());
  });

  test('a Slack that answers 429 delays messages and loses none', async () => {
    const omar = await desk.window('omar');
    const sam = await desk.window('sam');
    await sam.open('security');
    await omar.slack('Answers 429');
    await omar.ask(asked({ ticket: 'INC-3' }));
    await seen(omar.behind.getByText('rate', { exact: false }).first());
    expect(await sam.message('INC-3').count()).toBe(0);
    await omar.slack('Works');
    await seen(sam.message('INC-3'));
  });
});

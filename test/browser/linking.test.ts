import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { seen } from './window.ts';

inBrowser(
  'linking',
  (desk) => {
    test('goes from the command over two pages in the browser to the yes in Slack', async () => {
      const olivia = await desk.window('olivia');
      await olivia.open('dm');
      await olivia.type('/breakglass link');
      const [page] = await Promise.all([
        olivia.page.waitForEvent('popup'),
        olivia.page.getByRole('link', { name: 'Sign in' }).click(),
      ]);
      page.on('console', (line) => line.type() === 'error' && desk.complaints.push(line.text()));
      await page.getByRole('button', { name: 'Olivia' }).click();
      await page.getByRole('button', { name: 'This Slack account is mine' }).click();
      await seen(page.getByText('Now answer in Slack'));
      const question = olivia.message('This was not me');
      await olivia.press(question, 'Confirm');
      await seen(olivia.message('Linked'));
      expect(new URL(page.url()).hostname).toBe('127.0.0.1');
    });
  },
  { signIns: true },
);

import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { inBrowser } from './in-browser.ts';
import { asked, seen } from './window.ts';

/** A page on this machine that is not ours. */
async function elsewhere(): Promise<{ url: string; stop: () => void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>Elsewhere</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/`, stop: () => server.close() };
}

inBrowser('the world outside', (desk) => {
  test('is never asked for anything', async () => {
    const olivia = await desk.window('olivia');
    await olivia.ask(asked({ ticket: 'INC-1' }));
    await seen(olivia.message('INC-1'));
    expect([...desk.hosts]).toEqual([new URL(desk.url).host]);
  });

  test('can’t drive the page: not by its live connection, not by a request, not in a frame', async () => {
    const other = await elsewhere();
    try {
      const { page } = await desk.window('olivia');
      await page.goto(other.url);
      const live = `${desk.url.replace('http', 'ws')}/live?as=olivia`;
      const opened = await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const socket = new WebSocket(url);
            socket.onopen = () => resolve('open');
            socket.onerror = () => resolve('refused');
          }),
        live,
      );
      expect(opened).toBe('refused');
      const read = (url: string, init: RequestInit) =>
        page.evaluate(
          async ([address, options]) => {
            const answer = await fetch(address, options).catch(() => null);
            return answer && (answer.type === 'opaque' ? 'opaque' : answer.status);
          },
          [url, init] as const,
        );
      expect(await read(`${desk.url}/page.js`, {})).toBeNull();
      await page.evaluate(
        (url) =>
          new Promise((resolve) => {
            const frame = document.createElement('iframe');
            frame.onload = resolve;
            frame.src = url;
            document.body.append(frame);
          }),
        desk.url,
      );
      const framed = page.frames().filter((frame) => frame !== page.mainFrame());
      expect(framed).toHaveLength(1);
      expect(await framed[0]?.locator('#page').count()).toBe(0);
      const body = new URLSearchParams({ token: 'xoxb-sandbox', channel: 'C0GENERAL', text: 'Hello' }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      await read(`${desk.stack.slack.apiUrl}chat.postMessage`, { method: 'POST', mode: 'no-cors', body, headers });
      const picture = `${desk.stack.slack.apiUrl}chat.postMessage?token=xoxb-sandbox&channel=C0GENERAL&text=Hello`;
      await page.evaluate(
        (src) =>
          new Promise((resolve) => {
            const image = new Image();
            image.onload = image.onerror = resolve;
            image.src = src;
          }),
        picture,
      );
      expect(desk.stack.slack.calls().filter(({ args }) => args.text === 'Hello')).toEqual([]);
      expect(desk.stack.slack.messages('C0GENERAL')).toEqual([]);
    } finally {
      other.stop();
      desk.complaints.splice(0); // the browser says of each refusal that it was refused
    }
  });
});

import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../support/api.ts';

/** Who sends a request and never ends it, without a key: the connection is theirs for some seconds, not for good. */
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

/** Resolves when the server lets go of a connection on which this was sent. */
const letGo = (sent: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = net.connect(Number(new URL(api.url).port), '127.0.0.1', () => socket.write(sent));
    socket.on('error', () => {});
    socket.resume().once('close', () => resolve());
  });

test.each([
  ['headers', 'POST /access/v1/evaluation HTTP/1.1\r\nHost: a\r\nX-'],
  ['a body', 'POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"'],
])('half of %s keeps no connection', async (_, sent) => {
  await expect(letGo(sent)).resolves.toBeUndefined();
});

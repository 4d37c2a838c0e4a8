import { expect, test } from 'vitest';
import { createGuard, type GuardOptions } from '../../src/client/index.ts';

const key = 'bg_secret';

/** Where a guard with this URL asks. */
async function endpointOf(url: string, more: Partial<GuardOptions> = {}): Promise<string> {
  const asked: unknown[] = [];
  const fetch = async (endpoint: unknown) => {
    asked.push(endpoint);
    return Response.json({ decision: false });
  };
  await createGuard({ url, key, fetch, ...more }).check({ subject: 's', action: 'a', tenant: 't' });
  return String(asked[0]);
}

test.each([
  ['https://bg.internal', 'https://bg.internal/access/v1/evaluation'],
  ['https://bg.internal/', 'https://bg.internal/access/v1/evaluation'],
  ['https://bg.internal:8443/prefix/', 'https://bg.internal:8443/prefix/access/v1/evaluation'],
  ['http://localhost:8080', 'http://localhost:8080/access/v1/evaluation'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/access/v1/evaluation'],
  ['http://[::1]:8080', 'http://[::1]:8080/access/v1/evaluation'],
])('%s is asked at %s', async (url, endpoint) => expect(await endpointOf(url)).toBe(endpoint));

test.each([
  '',
  'bg.internal',
  'ftp://bg.internal',
  'https://user:pass@bg.internal',
  'https://user@bg.internal',
  'https://bg.internal/?a=b',
  'https://bg.internal/?',
  'https://bg.internal/#top',
  'https://bg.internal/#',
])('a url that is not a bare http or https one is refused: %j', (url) => {
  expect(() => createGuard({ url, key })).toThrow(
    new TypeError('url: expected an http or https URL without user, password, query or fragment'),
  );
});

test.each(['http://bg.internal', 'http://10.0.0.1', 'http://127.0.0.1.example.com', 'http://localhost.example.com'])(
  'a key does not travel unencrypted to another machine unless that is said to be right: %s',
  async (url) => {
    expect(() => createGuard({ url, key })).toThrow(/^url: expected https/);
    expect(await endpointOf(url, { allowHttp: true })).toBe(`${url}/access/v1/evaluation`);
  },
);

test.each(['', ' ', 'with space', 'line\n', 'line\r\nx: y', 'clé'])(
  'a key that no header carries is refused: %j',
  (bad) => {
    expect(() => createGuard({ url: 'https://bg.internal', key: bad })).toThrow(/^key: expected an API key/);
  },
);

test.each([0, -1, 0.5, 60_001, Number.NaN, Number.POSITIVE_INFINITY])(
  'a time limit that is none is refused: %d',
  (timeoutMs) => {
    expect(() => createGuard({ url: 'https://bg.internal', key, timeoutMs })).toThrow(/^timeoutMs: expected/);
  },
);

test('no refusal of an option has the key or the URL in it', () => {
  const bad = [
    { url: `https://${key}@bg.internal`, key },
    { url: 'https://bg.internal', key: `${key}\n` },
    { url: 'http://bg.internal', key },
    { url: 'https://bg.internal', key, timeoutMs: -1 },
  ];
  for (const options of bad) {
    expect(() => createGuard(options)).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/bg[_.]/) }),
    );
  }
});

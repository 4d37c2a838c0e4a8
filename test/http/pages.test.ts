import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { browserCookie, formToken, isFormToken } from '../../src/http/pages/browser.ts';
import { linkAddress, type SigningStack, signIn, startSigningStack } from '../journeys/sign-ins.ts';
import { newBrowser, type Page } from '../support/browser.ts';

let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack();
});
afterAll(() => stack.stop());
afterEach(() => stack.provider.setDown(false));

const callback = () => `${stack.url}/sign-in/callback`;
const begun = async () => {
  stack.provider.signIn({ sub: 'sub-1' });
  const [browser, address] = [newBrowser(), await linkAddress(stack, 'olivia')];
  return { browser, address, back: await browser.until(address, callback()) };
};
const change = (set: string) => stack.db.query('superuser', `update sign_ins set ${set} where used_at is null`);
const signedIn = async () => {
  const rows = await stack.db.query('superuser', 'select 1 from sign_ins where signed_in_at is not null');
  return rows.length;
};
const looks = ({ status, text }: Page) => ({ status, text });

test('every page runs nothing, is framed by nobody, is not stored, and sends no referrer on', async () => {
  const { page } = await signIn(stack, await linkAddress(stack, 'olivia'), { sub: 'sub-1' });
  for (const { headers, text } of [page, await newBrowser().open(`${stack.url}/sign-in/nothing`)]) {
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; frame-ancestors 'none'/,
    );
    expect(Object.fromEntries(headers)).toMatchObject({
      ...{ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' },
      ...{ 'x-frame-options': 'DENY', 'content-type': 'text/html; charset=utf-8' },
    });
    expect(text).not.toMatch(/<script|javascript:|\son\w+=|<img|<link|https?:\/\/(?!127)/i);
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
  }
});

test('unknown, used, run out and misspelled addresses are one and the same page', async () => {
  const address = await linkAddress(stack, 'olivia');
  const { browser, page } = await signIn(stack, address, { sub: 'sub-1' });
  await browser.submit(page);
  const unknown = await newBrowser().open(`${stack.url}/sign-in/${'x'.repeat(43)}`);
  expect(unknown.status).toBe(404);
  const others = [
    'nothing',
    'ask/1',
    `ask/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`,
    'callback',
    'callback?state=x',
    'a/b/c',
  ];
  for (const path of others)
    expect(looks(await newBrowser().open(`${stack.url}/sign-in/${path}`)), path).toEqual(looks(unknown));
  for (const used of [await browser.open(address), await browser.submit(page), await newBrowser().open(address)])
    expect(looks(used)).toEqual(looks(unknown));
});

describe('who comes back from the provider', () => {
  test('comes back once', async () => {
    const { browser, back } = await begun();
    expect((await browser.open(back)).text).toContain('Link this Slack account?');
    expect((await browser.open(back)).status).toBe(404);
  });

  test('comes back in the browser that went there', async () => {
    const { browser, address, back } = await begun();
    expect((await newBrowser().open(address)).status).toBe(404);
    expect((await newBrowser().open(back)).status).toBe(404);
    const thief = newBrowser();
    thief.cookies.set('breakglass-sign-in', 'a'.repeat(43));
    expect((await thief.open(back)).status).toBe(404);
    expect((await browser.open(back)).status).toBe(200);
  });

  test('brings the state that went there', async () => {
    const { browser, back } = await begun();
    const forged = new URL(back);
    forged.searchParams.set('state', 'made-up');
    expect((await browser.open(forged.href)).status).toBe(404);
    expect((await browser.open(callback())).status).toBe(404);
    expect((await browser.open(back)).status).toBe(200);
  });

  test.each([
    { what: 'a nonce of another sign-in', set: "nonce = 'another'" },
    { what: 'the verifier of another sign-in', set: `verifier = '${'v'.repeat(43)}'` },
  ])('is not signed in with $what', async ({ set }) => {
    const { browser, back } = await begun();
    const before = await signedIn();
    await change(set);
    expect(looks(await browser.open(back))).toMatchObject({
      status: 403,
      text: expect.stringContaining('You were not signed in'),
    });
    expect(await signedIn()).toBe(before);
  });

  test('is not signed in without a code, with another one, or after the provider said no', async () => {
    for (const spoil of [
      (at: URLSearchParams) => at.delete('code'),
      (at: URLSearchParams) => at.set('code', 'another'),
      (at: URLSearchParams) => at.set('error', 'access_denied'),
      (at: URLSearchParams) => at.set('iss', 'https://other.example.com'),
    ]) {
      const { browser, back } = await begun();
      const spoiled = new URL(back);
      spoil(spoiled.searchParams);
      expect((await browser.open(spoiled.href)).status).toBe(403);
    }
  });

  test('is signed in also just after the provider changed its keys', async () => {
    const { browser, back } = await begun();
    await browser.open(back);
    stack.provider.rotateKeys();
    expect((await signIn(stack, await linkAddress(stack, 'olivia'), { sub: 'sub-1' })).page.status).toBe(200);
  });

  test('is not signed in by a key that the provider does not publish', async () => {
    const { browser, back } = await begun();
    stack.provider.publishAnotherKey(true);
    expect((await browser.open(back)).status).toBe(403);
    stack.provider.publishAnotherKey(false);
  });

  test('may begin again with the same link in the same browser, before signing in', async () => {
    const address = await linkAddress(stack, 'olivia');
    const browser = newBrowser();
    stack.provider.signIn({ sub: 'sub-1' });
    const first = await browser.until(address, callback());
    expect((await browser.open(address)).status).toBe(200);
    expect((await browser.open(first)).status).toBe(404);
  });
});

test('while the provider is down nothing is used up', async () => {
  const address = await linkAddress(stack, 'olivia');
  const restarted = await stack.restart();
  expect(restarted.apiPort).toBeGreaterThan(0);
  const browser = newBrowser();
  stack.provider.setDown(true);
  expect(looks(await browser.open(address))).toMatchObject({
    status: 503,
    text: expect.stringContaining('does not answer'),
  });
  stack.provider.setDown(false);
  const other = newBrowser();
  stack.provider.signIn({ sub: 'sub-1' });
  const back = await other.until(address, callback());
  stack.provider.setDown(true);
  expect((await other.open(back)).status).toBe(503);
  stack.provider.setDown(false);
  expect((await other.open(address)).text).toContain('Link this Slack account?');
});

test('who only looks whether a link is there uses nothing up', async () => {
  const address = await linkAddress(stack, 'olivia');
  expect((await fetch(address, { method: 'HEAD' })).status).toBe(404);
  expect((await signIn(stack, address, { sub: 'sub-1' })).page.status).toBe(200);
});

describe('the cookie', () => {
  const given = async (secure: boolean, cookie = '') => {
    const server = Fastify();
    const jar = browserCookie(secure);
    server.get('/', async (request, reply) => jar.give(request, reply));
    const { headers, body } = await server.inject({ url: '/', headers: { cookie } });
    return { set: String(headers['set-cookie']), value: body };
  };

  test('is this host`s alone over https, unreadable, and sent along when the provider leads back', async () => {
    expect((await given(true)).set).toMatch(
      /^__Host-breakglass-sign-in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800; Secure$/,
    );
    expect((await given(false)).set).toMatch(
      /^breakglass-sign-in=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/,
    );
  });

  test('is kept where there is one, and new where there are two or another', async () => {
    const value = 'k'.repeat(43);
    expect((await given(false, `a=b; breakglass-sign-in=${value}`)).value).toBe(value);
    for (const odd of [`breakglass-sign-in=${value}; breakglass-sign-in=${value}`, 'breakglass-sign-in=short'])
      expect((await given(false, odd)).value).not.toContain(value);
  });

  test('and the sign-in make the token of a form', () => {
    const token = formToken('browser', 'sign-in');
    expect(isFormToken(token, 'browser', 'sign-in')).toBe(true);
    for (const [given, browser, signIn] of [
      [token, 'other', 'sign-in'],
      [token, 'browser', 'other'],
      [null, 'browser', 'sign-in'],
    ] as const)
      expect(isFormToken(given, browser, signIn)).toBe(false);
  });
});

import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accounts, cast, channels, type Player } from '../../../sandbox/cast.ts';
import { type SandboxProvider, startSandboxProvider } from '../../../sandbox/identity/index.ts';
import { type Message, renderMessage } from '../../../sandbox/slack/index.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { commands } from '../../config/command.ts';
import { addressIn } from '../../journeys/sign-ins.ts';
import { type Browser, newBrowser, type Page } from '../../support/browser.ts';

const { cli, start, folder } = commands();
const output = vi.spyOn(console, 'warn');
let stack: Stack;
let provider: SandboxProvider;
beforeAll(async () => {
  stack = await startStack({ signIns: true });
  if (stack.provider === null) throw new Error('There is no provider.');
  provider = stack.provider;
}, 60_000);
afterAll(() => stack.stop());

const person = (who: Player) => stack.slack.as(cast[who].id);
const read = (message: Pick<Message, 'text' | 'blocks'>) => renderMessage(message, stack.slack.reader());
const WAIT = { timeoutMs: 20_000 };

/** Does something and waits for the answer that only this person sees. */
async function told(who: Player, act: () => Promise<unknown>): Promise<Message> {
  const before = person(who).ephemerals.length;
  await act();
  return stack.slack.until(() => person(who).ephemerals[before], `an answer to ${who}`, WAIT);
}
const types = (who: Player, text: string) => told(who, () => person(who).command('/breakglass', text));
/** A message that is there or will be. */
const said = (who: Player, channel: string, words: string) =>
  stack.slack.until(
    () =>
      person(who)
        .sees(channel)
        .findLast((message) => message.ephemeralTo === undefined && read(message).includes(words)),
    `"${words}" in ${channel}`,
    WAIT,
  );

/** Opens a link of the bot and chooses who to be. @returns what the bot's page says then */
async function signIn(address: string, as: string, browser: Browser = newBrowser()): Promise<[Browser, Page]> {
  const choice = await browser.open(address);
  expect(choice.url).toContain(`${provider.issuer}/interaction/`);
  return [browser, await browser.submit(choice, as)];
}

async function link(who: Player, as: string, browser?: Browser): Promise<Page> {
  const [here, page] = await signIn(addressIn((await types(who, 'link')).blocks), as, browser);
  return here.submit(page);
}

describe('linking, in the sandbox', () => {
  test('goes from the command over the provider’s page and ours to the yes in Slack, and can be taken back', async () => {
    expect(read(await types('olivia', 'status'))).toContain('not linked');
    const browser = newBrowser();
    const choice = await browser.open(addressIn((await types('olivia', 'link')).blocks));
    for (const { name, is } of accounts) expect(choice.text).toContain(`<b>${name}</b> <span>${is}</span>`);
    expect(choice.text).toContain('There are no passwords');
    const page = await browser.submit(choice, 'olivia');
    expect(page.text).toContain('T0HOME:U0OLIVIA');
    expect((await browser.submit(page)).text).toContain('Now answer in Slack');
    const question = await said('olivia', person('olivia').dm(), 'olivia');
    const answer = await told('olivia', () => person('olivia').click(question, 'link_confirm'));
    expect(read(answer)).toContain('Linked');
    await said('sam', channels.security.id, 'linked their Slack account with an identity');
    expect(read(await types('olivia', 'status'))).toContain('#olivia');
    expect(read(await types('olivia', 'unlink'))).toContain('not linked to your identity provider any more');
    expect(read(await types('olivia', 'status'))).toContain('not linked');
  });

  test('asks who it is each time, also in a browser that was somebody else before', async () => {
    const browser = newBrowser();
    expect((await link('omar', 'omar', browser)).text).toContain('Now answer in Slack');
    expect((await link('paul', 'paul', browser)).text).toContain('Now answer in Slack');
  });

  test('with an identity that is somebody else’s already is refused', async () => {
    expect(await link('otis', 'petra')).toMatchObject({ status: 409 });
    expect(read(await types('sam', 'link'))).toContain('linked already');
  });
});

describe('an approval that wants a fresh sign-in, in the sandbox', () => {
  const approves = async (who: Player, where: string, ticket: string): Promise<string> => {
    const card = await said(who, where, ticket);
    return addressIn((await told(who, () => person(who).click(card, 'approve'))).blocks);
  };

  test('is given by it, also when the clock was moved by days', async () => {
    await stack.clock.advance(3 * 24 * 60 * 60_000);
    await person('omar').command('/breakglass');
    await person('omar').modal('break_glass_request', WAIT);
    const sent = await person('omar').submit({
      ...{ tenant: 'globex', scope: 'create_platform_owner', circumstance: 'no_owner_can_sign_in' },
      ...{ reason: 'Both owners lost their phones and can not sign in', ticket: 'INC-7', duration: '30' },
    });
    expect(sent.kind).toBe('closed');
    const [other, asked] = await signIn(await approves('petra', channels.ops.id, 'INC-7'), 'olivia');
    expect((await other.submit(asked)).text).not.toContain('Your approval is recorded');
    for (const [who, where] of [
      ['petra', channels.ops.id],
      ['sam', channels.security.id],
    ] as const) {
      const [browser, page] = await signIn(await approves(who, where, 'INC-7'), who);
      expect(page.text).toContain('INC-7');
      expect((await browser.submit(page)).text).toContain('Your approval is recorded');
    }
    await said('petra', channels.ops.id, 'Active until');
  });
});

describe('the command line, in the sandbox', () => {
  test('signs somebody in who chose who to be', async () => {
    const variables = { BREAKGLASS_URL: stack.bots[0]?.apiUrl ?? '', ...provider.commandLine };
    const home = { XDG_STATE_HOME: folder() };
    const running = start('cli', ['sign-in'], { ...variables, ...home });
    const [, address = ''] = /Open (\S+) and confirm/.exec(await running.said('Open ')) ?? [];
    const browser = newBrowser();
    const confirm = await browser.submit(await browser.open(address));
    expect(confirm.text).toContain('Continue only if you started this sign-in yourself.');
    const done = await browser.submit(await browser.submit(confirm), 'petra');
    expect(done.text).toContain('Go back to the command line.');
    expect((await running.ended).code).toBe(0);
    const { out } = await cli(['whoami'], { BREAKGLASS_URL: variables.BREAKGLASS_URL, ...home });
    expect(out.join('\n')).toContain('T0HOME:U0PETRA');
  });
});

describe('the sandbox’s identity provider', () => {
  test('says nothing on its own', () => {
    expect(output.mock.calls.filter(([words]) => String(words).includes('oidc-provider'))).toEqual([]);
  });

  test('runs no script, loads nothing and is framed by nobody; its forms lead here and to the bot alone', async () => {
    const { headers, text } = await newBrowser().open(addressIn((await types('ada', 'link')).blocks));
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'; /);
    expect(policy).toContain(`form-action 'self' ${stack.bots[0]?.apiUrl}`);
    expect(text).not.toMatch(/<script|<img|<link|\son\w+=|style="/i);
  });

  test('takes nobody but the cast, and no sign-in that is over or of another browser', async () => {
    const browser = newBrowser();
    const choice = await browser.open(addressIn((await types('ada', 'link')).blocks));
    const { action } = choice.form();
    expect(await browser.send(action, { sub: 'mallory' })).toMatchObject({ status: 400 });
    const elsewhere = await newBrowser().send(action, { sub: 'ada' });
    expect([elsewhere.status, elsewhere.text.includes('This sign-in is over')]).toEqual([400, true]);
    expect((await browser.send(action, { sub: 'ada' })).text).toContain('T0HOME:U0ADA');
  });

  test('answers only at its own address', async () => {
    const status = await new Promise((resolve) => {
      const asked = request(`${provider.issuer}/jwks`, { headers: { host: 'evil.example.com' } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      asked.end();
    });
    expect(status).toBe(421);
  });

  test('shows names as text, whatever is in them', async () => {
    const hostile = { sub: '"><script>1</script>', name: '<img src=x onerror=alert(1)>', is: '</span><b>' };
    const other = await startSandboxProvider([hostile]);
    other.allowRedirect('http://127.0.0.1:9/back');
    const asking = new URLSearchParams({
      ...{ client_id: other.environment.OIDC_CLIENT_ID ?? '', response_type: 'code', scope: 'openid' },
      ...{ redirect_uri: 'http://127.0.0.1:9/back', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' },
    });
    const { text } = await newBrowser().open(`${other.issuer}/auth?${asking}`);
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(text).not.toMatch(/<img|<script/);
    const failed = await newBrowser().open(`${other.issuer}/auth?client_id=%3Cscript%3E`);
    expect([failed.status, failed.text.includes('<script')]).toEqual([400, false]);
    await other.stop();
  });
});

test('a stack without sign-ins has no provider, and the command says so', async () => {
  const plain = await startStack();
  expect(plain.provider).toBeNull();
  const olivia = plain.slack.as(cast.olivia.id);
  await olivia.command('/breakglass', 'link');
  const answer = await plain.slack.until(() => olivia.ephemerals[0], 'an answer', WAIT);
  expect(read(answer)).toContain('No identity provider is set up here');
  await plain.stop();
}, 60_000);

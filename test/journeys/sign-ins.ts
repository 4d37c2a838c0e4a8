import { configuration } from '../../sandbox/cast.ts';
import { freePorts } from '../../sandbox/free-ports.ts';
import type { Message } from '../../sandbox/slack/index.ts';
import { type Browser, newBrowser, type Page } from '../support/browser.ts';
import { startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { as, dmOf, eventually, toldAfter, type Who } from './verbs.ts';

/** The sandbox's workspace, the bot with its pages, and a real identity provider. */
export interface SigningStack extends TestStack {
  provider: TestIdentityProvider;
  /** Where the pages are. */
  url: string;
}

export const GOLD = 'urn:example:gold';

/** Sam is linked by the file, and so is Anna; a fresh and strong sign-in is demanded where it is said. */
export const linkedInFile = (issuer: string, scopes = `{ content_access: { step_up: { acr_values: ['${GOLD}'] } } }`) =>
  configuration.replace(
    'schedules:',
    `scopes: ${scopes}
identities:
  U0SAM: { issuer: '${issuer}', subject: sam }
  U0ANNA: { issuer: '${issuer}', subject: anna }
schedules:`,
  );

export async function startSigningStack(yaml: (issuer: string) => string = () => configuration): Promise<SigningStack> {
  const provider = await startIdentityProvider();
  const [port] = await freePorts(1); // none that somebody else is given while the bot restarts
  const url = `http://127.0.0.1:${port}`;
  provider.allowRedirect(`${url}/sign-in/callback`);
  const { id, secret } = provider.clients.web;
  const stack = await startTestStack({
    yaml: yaml(provider.issuer),
    environment: {
      ...{ API_PORT: String(port), API_URL: url, OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: provider.audience },
      ...{ OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret },
    },
  });
  const stop = async (): Promise<void> => {
    await stack.stop();
    await provider.stop();
  };
  // What restarts later is seen here as well.
  return new Proxy(
    { ...stack, provider, url, stop },
    {
      get: (mine, name) => Reflect.get(name in { provider, url, stop } ? mine : stack, name),
    },
  );
}

/** The address behind the button that only this person was shown. */
export async function offeredTo(stack: TestStack, who: Who, act: () => Promise<unknown>): Promise<string> {
  const before = as(stack, who).ephemerals.length;
  await act();
  return addressIn((await toldAfter(stack, who, before)).blocks);
}

/** Wherever in it the button is. */
export function addressIn(shown: unknown): string {
  const [, address] = /"url":"([^"]+)"/.exec(JSON.stringify(shown)) ?? [];
  if (address === undefined) throw new Error(`Nothing opens a page there: ${JSON.stringify(shown)}`);
  return address;
}

export const linkAddress = (stack: TestStack, who: Who) =>
  offeredTo(stack, who, () => as(stack, who).command('/breakglass', 'link'));

/** Opens a link in a browser of its own and signs in as somebody. @returns the question, unanswered */
export async function signIn(
  { provider }: SigningStack,
  address: string,
  as: Parameters<TestIdentityProvider['signIn']>[0],
  browser: Browser = newBrowser(),
): Promise<{ browser: Browser; page: Page }> {
  provider.signIn(as);
  return { browser, page: await browser.open(address) };
}

/** Somebody links their account: the command, the sign-in, the page, and the question in Slack, which is left open. */
export async function askedInSlack(stack: SigningStack, who: Who, sub: string): Promise<Message> {
  const { browser, page } = await signIn(stack, await linkAddress(stack, who), { sub });
  const messages = () => stack.slack.messages(dmOf(stack, who));
  const before = messages().length;
  await browser.submit(page);
  return eventually(stack, async () => messages()[before], `a question to ${as(stack, who).id}`);
}

export async function answerInSlack(stack: TestStack, who: Who, question: Message, button: string): Promise<string> {
  const before = as(stack, who).ephemerals.length;
  await as(stack, who).click(question, button, { force: true });
  return (await toldAfter(stack, who, before)).text;
}

export const linksIn = ({ db }: TestStack) =>
  db.query(
    'superuser',
    `select s.external_id as account, o.external_id as subject, o.source from identities o
       join identities s on s.person_id = o.person_id and s.provider = 'slack' where o.provider = 'oidc' order by 1`,
  );

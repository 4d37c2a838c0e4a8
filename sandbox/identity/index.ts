import { knownClients } from './clients.ts';
import { newKey, startProvider } from './core.ts';
import { showing } from './page.ts';
import { type Account, chosen, devicePages, tooLate } from './sign-in.ts';

/** The identity provider of the sandbox: whoever opens its page chooses who of the cast to be. */
export interface SandboxProvider {
  issuer: string;
  /** What the bot is told of it. */
  environment: Readonly<Record<string, string>>;
  /** What the command line is told of it, to sign somebody in. */
  commandLine: Readonly<Record<string, string>>;
  /** Where the bot's pages let people come back to; before the first sign-in. */
  allowRedirect(url: string): void;
  stop(): Promise<void>;
}

const AUDIENCE = 'https://breakglass.sandbox.localhost';
/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9/';

/** @param now in milliseconds, by the clock that players see: that is when they signed in */
export async function startSandboxProvider(
  accounts: readonly Account[],
  now: () => number = Date.now,
): Promise<SandboxProvider> {
  const clients = knownClients(NOWHERE);
  let comesBackTo: readonly string[] = [];
  let issuer = '';
  const show = showing(() => comesBackTo);
  const core = await startProvider([newKey()], {
    ...{ clients: clients.rows, audiences: [AUDIENCE], pages: devicePages(show) },
    // One browser is several people here.
    remembers: false,
    groupsOf: () => [],
    // A page from elsewhere may have its own name lead to this machine.
    before: ({ headers: { host } }, response) => {
      const isOurs = issuer === `http://${host}`;
      if (!isOurs) response.writeHead(421).end();
      return !isOurs;
    },
    signIn: async (context, provider, finish) => {
      const asked = await provider.interactionDetails(context.req, context.res).catch(() => null);
      if (asked === null) return tooLate(context, show);
      const account = await chosen(context, accounts, show);
      if (account) await finish({ sub: account.sub, acr: null, at: Math.floor(now() / 1000) });
    },
  });
  issuer = core.issuer;
  return {
    issuer,
    environment: {
      ...{ OIDC_ISSUER: issuer, OIDC_AUDIENCE: AUDIENCE },
      ...{ OIDC_CLIENT_ID: clients.web.id, OIDC_CLIENT_SECRET: clients.web.secret },
    },
    commandLine: { OIDC_ISSUER: issuer, OIDC_AUDIENCE: AUDIENCE, BREAKGLASS_CLIENT_ID: clients.device.id },
    allowRedirect: (url) => {
      clients.allowRedirect(url);
      comesBackTo = [new URL(url).origin];
    },
    stop: core.stop,
  };
}

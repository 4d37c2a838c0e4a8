import type { Environment } from './config.ts';
import { signInProvider } from './http/pages/provider.ts';
import { CALLBACK, PREFIX, type SignInPages } from './http/pages/sign-in.ts';
import { actingPerson, type Door } from './slack/door.ts';
import { nameOf } from './slack/names.ts';

/** Where a one-time code leads; null where people sign in nowhere: no provider, no client of it, or no address of ours. */
export function signInAddressOf({ oidc, apiUrl }: Environment): Door['signInAddress'] {
  return oidc?.client && apiUrl !== null ? (code) => `${apiUrl}${PREFIX}/${code}` : null;
}

/** The pages behind those addresses. What they have to know of Slack is asked here, so that the two doors stay strangers. */
export function signInDesk(
  { oidc, apiUrl }: Environment,
  door: Door,
  trouble: SignInPages['trouble'],
): SignInPages | null {
  if (!oidc?.client || apiUrl === null) return null;
  const { issuer, client } = oidc;
  return {
    context: door.context,
    provider: signInProvider({ issuer, client, redirectUri: `${apiUrl}${CALLBACK}` }),
    publicUrl: apiUrl,
    actor: (account) => actingPerson(door, account.split(':').at(-1) ?? ''),
    nameOf: (account) => nameOf(door.slack.quick, account),
    trouble,
  };
}

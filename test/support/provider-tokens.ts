import { randomUUID } from 'node:crypto';
import { SCOPE } from '../../sandbox/identity/configuration.ts';
import { newBrowser } from './browser.ts';

/** Where nobody listens: the tests read the address and go no further. */
export const TEST_REDIRECT = 'http://127.0.0.1:9/came-back';

/** An access token after a real sign-in, by authorization code with PKCE. */
export async function tokenFor(issuer: string, audience: string): Promise<string> {
  const verifier = randomUUID() + randomUUID();
  const asking = new URLSearchParams({
    ...{ client_id: 'tests', response_type: 'code', scope: `openid ${SCOPE}`, resource: audience },
    ...{ redirect_uri: TEST_REDIRECT, code_challenge: await challengeOf(verifier), code_challenge_method: 'S256' },
  });
  const back = await newBrowser().until(`${issuer}/auth?${asking}`, TEST_REDIRECT);
  const code = new URL(back).searchParams.get('code');
  if (code === null) throw new Error(`The provider sent no code: ${back}`);
  const grant = { grant_type: 'authorization_code', code, redirect_uri: TEST_REDIRECT, code_verifier: verifier };
  return askForToken(issuer, { id: 'tests' }, { ...grant, resource: audience });
}

async function challengeOf(verifier: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  return Buffer.from(hash).toString('base64url');
}

/** What the token endpoint gives for it. */
export async function askForToken(
  issuer: string,
  client: { id: string; secret?: string },
  body: Record<string, string>,
): Promise<string> {
  const { id, secret } = client;
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: secret ? { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` } : {},
    body: new URLSearchParams({ ...body, ...(secret ? {} : { client_id: id }) }),
  });
  const answer = (await response.json()) as { access_token?: string; error_description?: string };
  if (!answer.access_token) throw new Error(`The provider gave no token: ${JSON.stringify(answer)}`);
  return answer.access_token;
}

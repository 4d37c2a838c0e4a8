import * as oidc from 'openid-client';
import { exits, NotDone } from '../exits.ts';
import { machineTime } from '../machine-time.ts';
import { onOneLine } from '../one-line.ts';
import type { Session } from './session.ts';

/** Whose people sign in, as which client, and what for. */
export interface ProviderWish {
  issuer: string;
  clientId: string;
  audience: string | null;
}

/** What somebody has to do elsewhere so that this command line is theirs. */
export interface DeviceCode {
  address: string;
  /** The same with the code in it; null where the provider does not say. */
  complete: string | null;
  code: string;
  seconds: number;
}

type Tokens = Pick<Session, 'access_token' | 'refresh_token' | 'old_at'>;

/** For each answer of the provider (s). */
const PATIENCE_SECONDS = 10;
/** The API takes no token that is older than an hour, whatever the provider says of it (s). */
const OLDEST_SECONDS = 55 * 60;
/** A token is renewed so long before it runs out (s). */
const MARGIN_SECONDS = 30;
const SCOPE = 'openid breakglass offline_access';

/**
 * Signs somebody in by the device authorization grant (RFC 8628).
 * @param show tells them where to go
 * @param acr how well they have to show who they are, where the API asks for that
 * @throws NotDone
 */
export async function signInByDevice(
  wish: ProviderWish,
  acr: string | null,
  show: (code: DeviceCode) => void,
): Promise<Tokens> {
  const provider = await discovered(wish);
  return told(async () => {
    const asked = await oidc.initiateDeviceAuthorization(provider, {
      scope: SCOPE,
      ...resourceOf(wish),
      ...(acr !== null && { acr_values: acr, max_age: '0' }),
    });
    show({
      address: asked.verification_uri,
      complete: asked.verification_uri_complete ?? null,
      code: asked.user_code,
      seconds: asked.expires_in,
    });
    return tokensIn(await oidc.pollDeviceAuthorizationGrant(provider, asked, resourceOf(wish)), null);
  });
}

/** @throws NotDone; with the code of a stranger where the provider does not take the refresh token any more */
export async function renewed(kept: Session): Promise<Session> {
  if (kept.refresh_token === null) throw new NotDone(exits.stranger, SIGN_IN_AGAIN);
  const { issuer, client_id: clientId, audience, refresh_token: token } = kept;
  const provider = await discovered({ issuer, clientId, audience });
  const tokens = await told(async () =>
    tokensIn(await oidc.refreshTokenGrant(provider, token, resourceOf({ issuer, clientId, audience })), token),
  );
  return { ...kept, ...tokens };
}

/** Has the provider forget the sign-in. @returns false where it did not say that it does */
export async function revoked({
  issuer,
  client_id: clientId,
  audience,
  refresh_token: token,
}: Session): Promise<boolean> {
  if (token === null) return false;
  try {
    await oidc.tokenRevocation(await discovered({ issuer, clientId, audience }), token);
    return true;
  } catch {
    return false;
  }
}

const SIGN_IN_AGAIN = 'The sign-in is over. Run: breakglass sign-in';

const resourceOf = ({ audience }: ProviderWish): Record<string, string> =>
  audience !== null && URL.canParse(audience) ? { resource: audience } : {};

/** @throws NotDone */
async function discovered({ issuer, clientId }: ProviderWish): Promise<oidc.Configuration> {
  const execute = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : [];
  return told(() => oidc.discovery(new URL(issuer), clientId, {}, oidc.None(), { execute, timeout: PATIENCE_SECONDS }));
}

function tokensIn(answer: oidc.TokenEndpointResponse, before: string | null): Tokens {
  const lasts = Math.min(answer.expires_in ?? OLDEST_SECONDS, OLDEST_SECONDS);
  return {
    access_token: answer.access_token,
    refresh_token: answer.refresh_token ?? before,
    old_at: new Date(machineTime() + Math.max(0, lasts - MARGIN_SECONDS) * 1_000).toISOString(),
  };
}

/** What the provider's failures are called; nothing of what it sent is repeated but the error's own word. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError) throw refusedBy(error.error);
    if (error instanceof oidc.ClientError && !isSilence(error)) {
      throw new NotDone(
        exits.refused,
        'The identity provider gave an answer that can not be used. OIDC_ISSUER names it.',
      );
    }
    throw new NotDone(
      exits.unreachable,
      'The identity provider does not answer. Try again, or use a key: BREAKGLASS_KEY.',
    );
  }
}

const isSilence = ({ cause, code }: oidc.ClientError): boolean =>
  code === 'OAUTH_TIMEOUT' ||
  cause instanceof TypeError ||
  (cause instanceof Error && /Timeout|Abort/.test(cause.name));

function refusedBy(word: string): NotDone {
  switch (word) {
    case 'invalid_grant':
      return new NotDone(exits.stranger, SIGN_IN_AGAIN);
    case 'access_denied':
      return new NotDone(exits.stranger, 'The sign-in was refused at the identity provider.');
    case 'expired_token':
      return new NotDone(exits.stranger, 'Nobody signed in in time. Run it again.');
    default:
      return new NotDone(exits.refused, `The identity provider says no: ${onOneLine(word).slice(0, 100)}.`);
  }
}

import * as oidc from 'openid-client';
import { acrIn, authTimeIn, isSubject } from '../../domain/linking.ts';
import { isStorable } from '../../domain/text.ts';
import type { SignedInAs } from '../../store/sign-ins.ts';
import type { Demand } from '../../usecases/sign-in.ts';

/** As which client the pages ask, and where people come back to. */
export interface ProviderClient {
  issuer: string;
  client: { id: string; secret: string | null };
  redirectUri: string;
}

/** What the provider must give back unchanged, or be known by. */
export interface Secrets {
  state: string;
  nonce: string;
  verifier: string;
}

/** An OpenID provider, as the pages use it. */
export interface SignInProvider {
  /** Rejects while the provider can't be reached, as of a few seconds ago: before anything is used up. */
  ready(): Promise<void>;
  secrets(): Secrets;
  /** Where somebody is sent to sign in. */
  address(secrets: Secrets, demand: Demand): Promise<string>;
  /** What the provider says of whoever came back with this address; null where it did not sign anybody in, or lied. Rejects where it says what can't be kept. */
  signedIn(cameBack: URL, secrets: Secrets): Promise<SignedInAs | null>;
}

/** The provider did not answer: nobody's fault who signs in. */
export class ProviderSilent extends Error {
  override name = 'ProviderSilent';
}

/** The provider signed somebody in, and named them, or the time, in a way that can't be kept. */
export class ProviderOdd extends Error {
  override name = 'ProviderOdd';
}

/** How long the provider may take for each answer (s). */
const PATIENCE = 5;
/** What the provider said that it is counts for so long, for those who are sent there (ms). */
const KEPT_MS = 5_000;

/**
 * Authorization code with PKCE (OpenID Connect Core, 3.1; RFC 7636, 9700). What the provider is and its keys are asked for
 * each time somebody comes back: people sign in seldom, and a key that was remembered would turn them away after it
 * changed. Those who are sent there share one answer, however many they are.
 */
export function signInProvider({ issuer, client, redirectUri }: ProviderClient): SignInProvider {
  const configuration = (): Promise<oidc.Configuration> =>
    discover(issuer, client).catch((error: unknown) => {
      throw new ProviderSilent(`The identity provider could not be asked what it is: ${String(error)}`);
    });
  const lately = shared(configuration);
  return {
    ready: async () => void (await lately()),
    secrets: () => ({
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      verifier: oidc.randomPKCECodeVerifier(),
    }),
    address: async ({ state, nonce, verifier }, { maxAgeSeconds, acrValues }) => {
      const parameters = {
        ...{ redirect_uri: redirectUri, scope: 'openid', state, nonce },
        ...{ code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        ...(maxAgeSeconds !== null && { max_age: String(maxAgeSeconds) }),
        ...(acrValues.length > 0 && { acr_values: acrValues.join(' ') }),
      };
      return oidc.buildAuthorizationUrl(await lately(), parameters).href;
    },
    signedIn: async (cameBack, { state, nonce, verifier }) => {
      const known = await configuration();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      const claims = await oidc.authorizationCodeGrant(known, cameBack, checks).then(
        (tokens) => tokens.claims(),
        (error: unknown) => {
          if (isSilence(error)) throw new ProviderSilent(`The identity provider did not answer: ${String(error)}`);
        },
      );
      return claims ? whoIs(claims) : null;
    },
  };
}

/** Asks once for all who ask meanwhile, and for a while after; what went wrong is asked again. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let [asked, until]: [Promise<T> | null, number] = [null, 0];
  return () => {
    if (asked !== null && performance.now() < until) return asked;
    const asking = ask();
    [asked, until] = [asking, Number.POSITIVE_INFINITY];
    asking.then(
      () => {
        until = performance.now() + KEPT_MS;
      },
      () => {
        asked = null;
      },
    );
    return asking;
  };
}

async function discover(issuer: string, { id, secret }: ProviderClient['client']): Promise<oidc.Configuration> {
  const authentication = secret === null ? oidc.None() : oidc.ClientSecretBasic(secret);
  // The signature of an identity token is checked as well, although it comes over a line of our own.
  const execute = [oidc.enableNonRepudiationChecks];
  if (issuer.startsWith('http:')) execute.push(oidc.allowInsecureRequests);
  return oidc.discovery(new URL(issuer), id, {}, authentication, { execute, timeout: PATIENCE });
}

/** Refusals of the provider and answers that do not hold are the sign-in's failure; no answer is not. */
function isSilence(error: unknown): boolean {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) return false;
  if (error instanceof TypeError) return true; // fetch failed
  return error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name);
}

/** Held to what is asked of access tokens too. Neither value is said here: it is somebody's. */
export function whoIs(claims: oidc.IDToken): SignedInAs {
  const { iss, sub, acr, auth_time: at } = claims;
  const authTime = authTimeIn(at);
  if (!isSubject(sub))
    throw new ProviderOdd('The identity provider names somebody (sub) in a way that can not be kept.');
  if (at !== undefined && authTime === null) {
    throw new ProviderOdd('The identity provider says of a sign-in when it was (auth_time), and that is no time.');
  }
  const shown = [claims.preferred_username, claims.email, claims.name].find(
    (each): each is string => typeof each === 'string' && each !== '' && isStorable(each),
  );
  return {
    ...{ issuer: iss, subject: sub, acr: acrIn(acr), authTime },
    shownAs: shown === undefined ? null : [...shown].slice(0, 200).join(''),
  };
}

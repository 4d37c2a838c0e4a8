import * as oidc from 'openid-client';
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
  /** Rejects while the provider can't be reached: before anything is used up. */
  ready(): Promise<void>;
  secrets(): Secrets;
  /** Where somebody is sent to sign in. */
  address(secrets: Secrets, demand: Demand): Promise<string>;
  /** What the provider says of whoever came back with this address; null where it did not sign anybody in, or lied. */
  signedIn(cameBack: URL, secrets: Secrets): Promise<SignedInAs | null>;
}

/** The provider did not answer: nobody's fault who signs in. */
export class ProviderSilent extends Error {
  override name = 'ProviderSilent';
}

/** How long the provider may take for each answer (s). */
const PATIENCE = 5;

/**
 * Authorization code with PKCE (OpenID Connect Core, 3.1; RFC 7636, 9700). What the provider is and its keys are asked for
 * each time: people sign in seldom, and a key that was remembered would turn them away after it changed.
 */
export function signInProvider({ issuer, client, redirectUri }: ProviderClient): SignInProvider {
  const configuration = (): Promise<oidc.Configuration> =>
    discover(issuer, client).catch((error: unknown) => {
      throw new ProviderSilent(`The identity provider could not be asked what it is: ${String(error)}`);
    });
  return {
    ready: async () => void (await configuration()),
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
      return oidc.buildAuthorizationUrl(await configuration(), parameters).href;
    },
    signedIn: async (cameBack, { state, nonce, verifier }) => {
      const known = await configuration();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      try {
        const tokens = await oidc.authorizationCodeGrant(known, cameBack, checks);
        const claims = tokens.claims();
        return claims ? whoIs(claims) : null;
      } catch (error) {
        if (isSilence(error)) throw new ProviderSilent(`The identity provider did not answer: ${String(error)}`);
        return null;
      }
    },
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

function whoIs(claims: oidc.IDToken): SignedInAs {
  const { iss, sub, acr, auth_time: authTime } = claims;
  const shown = [claims.preferred_username, claims.email, claims.name].find((each) => typeof each === 'string');
  return {
    issuer: iss,
    subject: sub,
    shownAs: typeof shown === 'string' && shown !== '' ? [...shown].slice(0, 200).join('') : null,
    acr: typeof acr === 'string' ? acr : null,
    authTime: typeof authTime === 'number' && Number.isFinite(authTime) ? new Date(authTime * 1000) : null,
  };
}

import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';

/** Milliseconds. Keys are asked for anew when they are this old, and nothing is believed without them. */
export interface KeyAges {
  /** For how long keys count without the provider. */
  cache: number;
  /** Between two questions because of a key that is not known. */
  cooldown: number;
  timeout: number;
}
const usual: KeyAges = { cache: 10 * 60_000, cooldown: 30_000, timeout: 2_000 };

/**
 * The keys that the provider signs with, by its discovery document (OpenID Connect Discovery 1.0). A key that is not known
 * is asked for, so that a rotation goes by unnoticed; a provider that can't be reached is believed as long as its keys
 * are in the cache, and then nobody is.
 */
export function providerKeys(issuer: string, ages: KeyAges = usual): JWTVerifyGetKey {
  let keys: Promise<JWTVerifyGetKey> | undefined;
  const found = (): Promise<JWTVerifyGetKey> => {
    keys ??= jwksAddress(issuer, ages.timeout)
      .then((address) =>
        createRemoteJWKSet(address, {
          cacheMaxAge: ages.cache,
          cooldownDuration: ages.cooldown,
          timeoutDuration: ages.timeout,
        }),
      )
      .catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
    return keys;
  };
  return async (header, token) => (await found())(header, token);
}

/** @throws Error where the document is not to be had, or is somebody else's */
async function jwksAddress(issuer: string, timeout: number): Promise<URL> {
  const answer = await fetch(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(timeout),
    redirect: 'error',
  });
  const document: unknown = answer.ok ? await answer.json() : null;
  if (typeof document !== 'object' || document === null || !('jwks_uri' in document) || !('issuer' in document)) {
    throw new Error('The identity provider has no discovery document.');
  }
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
    throw new Error("The identity provider's discovery document is another issuer's.");
  }
  const address = new URL(document.jwks_uri);
  if (address.protocol !== new URL(issuer).protocol) throw new Error("The identity provider's keys are elsewhere.");
  return address;
}

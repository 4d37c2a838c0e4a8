import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { acrIn, authTimeIn, isSubject, type SignIn } from '../../domain/linking.ts';

/** What a token says, as far as anybody here needs it. */
export interface Claims extends SignIn {
  subject: string;
  /** Null where the token says nothing of groups, which is not the same as none. */
  groups: readonly string[] | null;
  /** It was given to a program by its own credentials: nobody signed in. */
  isProgram: boolean;
}

export interface TokenRules {
  issuer: string;
  audience: string;
  keys: JWTVerifyGetKey;
  /** Whose claim lists groups, and which `typ` an access token has (RFC 9068, section 2.1); a reload may change them. */
  reading: () => { groupsClaim: string; tokenType: string };
  /** How late it is, by the database's machine. */
  time: () => number;
  /** Told why a token was refused: a word, never the token. */
  onRefused: (why: string) => void;
}

/** Signatures by a secret that both sides know are none, whatever a token calls itself. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
/** A token stands in for Slack's live word, so that an old one is none (seconds). */
const FRESH_SECONDS = 3_600;
/** Two machines' clocks (seconds). */
const TOLERANCE_SECONDS = 5;
/** Characters. */
const LONGEST = 8_192;

/** Nobody can say whether a token is right: nobody's fault, and nobody's to be believed. */
export class ProviderAway extends Error {
  override name = 'ProviderAway';
}

/** Reads an access token (RFC 9068). Whatever is wrong with one, it is nobody's: null. Throws ProviderAway. */
export async function readToken(token: string, rules: TokenRules): Promise<Claims | null> {
  const { issuer, audience, keys, reading, time, onRefused } = rules;
  if (token.length > LONGEST) return null;
  const { groupsClaim, tokenType } = reading();
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      typ: tokenType,
      requiredClaims: ['exp', 'sub', 'iat'],
      maxTokenAge: FRESH_SECONDS,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(time()),
    });
    return claimsIn(payload, groupsClaim);
  } catch (error) {
    const isWrong = error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout);
    onRefused(isWrong ? error.code : 'provider_unreachable');
    if (!isWrong) throw new ProviderAway('The keys of the identity provider are not to be had.');
    return null;
  }
}

function claimsIn(payload: JWTPayload, groupsClaim: string): Claims | null {
  const { sub, acr, auth_time: authTime } = payload;
  // An ID token says who signed in to a page; it opens nothing here, whatever type it has.
  if (['nonce', 'at_hash', 'c_hash'].some((name) => name in payload)) return null;
  if (!isSubject(sub)) return null;
  const groups = payload[groupsClaim];
  return {
    subject: sub,
    groups: Array.isArray(groups) && groups.every((each) => typeof each === 'string') ? groups : null,
    isProgram: isProgram(payload),
    acr: acrIn(acr),
    authTime: authTimeIn(authTime),
  };
}

/** RFC 9068, section 5: a client's own token has the client as its subject. Some providers say it in a claim of theirs. */
const isProgram = ({ sub, client_id, azp, cid, gty, idtyp, ...payload }: JWTPayload): boolean =>
  [client_id, azp, cid].includes(sub) ||
  gty === 'client-credentials' ||
  idtyp === 'app' ||
  String(payload.preferred_username ?? '').startsWith('service-account-');

import { lines } from '../../config/mistakes.ts';
import { readClientEnvironment } from '../../config.ts';
import { whole } from '../command.ts';
import { exits, NotDone } from '../exits.ts';
import { machineTime } from '../machine-time.ts';
import { type Api, type ApiParts, apiOf } from './client.ts';
import { alone, readSession, type Session, writeSession } from './session.ts';

/** What every command over the API takes. */
export const apiOptions = {
  json: { takes: null, says: 'what the API sent, as one JSON document' },
  timeout: { takes: 'SECONDS', says: 'how long one try may take; 15 unless said' },
} as const;

export interface ApiGiven {
  json: boolean;
  timeout: string | undefined;
}

/** Longest wait for an answer, and the usual one (s). */
const seconds = { usual: 15, most: 600 };

/**
 * The API, as whoever shows BREAKGLASS_KEY or signed in.
 * @throws ConfigurationError, NotDone
 */
export async function signedIn({ timeout }: Pick<ApiGiven, 'timeout'>): Promise<Api> {
  const { url, key, sessionFile } = readClientEnvironment();
  const timeoutMs = 1_000 * (timeout === undefined ? seconds.usual : whole(timeout, '--timeout', seconds.most));
  const kept = key === null ? await readSession(sessionFile) : null;
  const address = url ?? kept?.url ?? null;
  if (address === null) throw lines(['BREAKGLASS_URL: expected the address of the API.']);
  if (kept !== null && kept.url !== address) {
    throw new NotDone(exits.stranger, `The sign-in is for ${kept.url}, not for ${address}. Run: breakglass sign-in`);
  }
  const bearer = key !== null ? async (refused: string | null) => (refused === null ? key : null) : byFile(sessionFile);
  return apiOf({ url: address, bearer, timeoutMs });
}

/** The token of the session, renewed where it is old or the API took it no more. */
const byFile =
  (file: string): ApiParts['bearer'] =>
  async (refused) => {
    const kept = await readSession(file);
    if (kept === null) return null;
    if (!isOld(kept) && kept.access_token !== refused) return kept.access_token;
    return alone(file, async () => {
      // Another command may have renewed it while this one waited.
      const now = await readSession(file);
      if (now === null) return null;
      if (!isOld(now) && now.access_token !== refused) return now.access_token;
      const { renewed } = await import('./provider.ts');
      const fresh = await renewed(now);
      await writeSession(file, fresh);
      return fresh.access_token;
    });
  };

const isOld = ({ old_at: oldAt }: Session): boolean => Date.parse(oldAt) <= machineTime();

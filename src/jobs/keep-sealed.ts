import type { Log } from '../log.ts';
import type { Database } from '../store/database.ts';
import { raiseSealAlarm } from '../usecases/raise-seal-alarm.ts';
import { type Sealing, sealHistory } from '../usecases/seal.ts';

export interface SealDeps {
  db: Database;
  /** Null where there is no key. */
  sealing: Sealing | null;
  channels: () => { security: string };
  log: Log;
}

/** Looks in a row at which another process was sealing, before this one asks whether anything comes of it: a minute's. */
const ELSEWHERE_AT_MOST = 12;

/**
 * Seals what is new, and sees to it that somebody hears where that does not work. Without a key nothing is sealed; that is
 * in the log, at the start and in the digests.
 */
export function keepSealed({ db, sealing, channels, log }: SealDeps): (requestId: string) => Promise<void> {
  let elsewhere = 0;
  let said: string | null = null;
  // Whether somebody was told is what the database says, which may be the word of whoever changed it: the log does not ask.
  const say = (trouble: string): void => {
    if (trouble !== said) log.error({ trouble }, 'nothing is signed: the history is not what was signed');
    said = trouble;
  };
  const alarm = async (trouble: Parameters<typeof raiseSealAlarm>[2], requestId: string): Promise<void> => {
    if (await raiseSealAlarm(db, channels().security, trouble, requestId)) {
      log.error({ trouble: trouble ?? 'unsealed' }, 'history is not sealed; security is told');
    }
  };
  return async (requestId) => {
    if (sealing === null) return;
    let failure: unknown;
    const sealed = await sealHistory(sealing, requestId).catch((error: unknown) => {
      failure = error;
      return null;
    });
    if (sealed?.kind === 'sealed') said = null;
    elsewhere = sealed?.kind === 'elsewhere' ? elsewhere + 1 : 0;
    if (sealed?.kind === 'refused') {
      say(sealed.trouble);
      await alarm(sealed.trouble, requestId);
    } else if (sealed === null || elsewhere >= ELSEWHERE_AT_MOST) await alarm(null, requestId);
    if (sealed?.kind === 'sealed' && sealed.rows > 0)
      log.debug({ rows: sealed.rows, size: sealed.size }, 'history sealed');
    if (failure !== undefined) throw failure;
  };
}

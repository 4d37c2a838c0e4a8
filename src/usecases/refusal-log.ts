import type { Actor } from '../domain/people.ts';
import { ofSecurityInterest, type Refusal } from '../domain/refusals.ts';
import { isStorable } from '../domain/text.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database } from '../store/database.ts';

export interface RefusedTry {
  actor: Pick<Actor, 'name'>;
  verb: string;
  refusal: Refusal;
  /** What it was about, as the person named it: a grant's id, a tenant's key. Never trusted, only kept. */
  about: string | null;
  requestId: string;
  /** Of an act whose every refusal is on record, whatever it is. */
  always?: true;
}

/** Keeps refused tries on record, in transactions of their own: the refused change itself leaves nothing. */
export interface RefusalLog {
  record(tried: RefusedTry): Promise<void>;
  /** Writes what is still being counted; at the end of the process. */
  flush(): Promise<void>;
}

/** The first of a kind is written at once; the same again within this time is counted and written as one row (ms). */
const WINDOW_MS = 60_000;
/** Different floods counted at once; beyond that they share one count, so that memory stays bounded. */
const KINDS_AT_ONCE = 1_000;

interface Counted {
  tried: RefusedTry;
  more: number;
  timer: NodeJS.Timeout;
}

/** As typed where that can be stored, and no longer than anybody would read. */
export const storableOf = (about: string | null): string | null =>
  about !== null && isStorable(about) ? [...about].slice(0, 200).join('') : null;

export function refusalLog(db: Database, onError: (error: unknown) => void): RefusalLog {
  const counting = new Map<string, Counted>();

  const write = ({ actor, verb, refusal, about, requestId }: RefusedTry, times: number) =>
    db.acrossTenants('record a refusal', (tx) =>
      recordAudit(
        tx,
        [
          {
            action: 'access.refused',
            actor: actor.name,
            tenant: null,
            grant: null,
            details: { verb, refusal: refusal.kind, about: storableOf(about), times },
          },
        ],
        requestId,
      ),
    );

  const close = async (key: string): Promise<void> => {
    const counted = counting.get(key);
    counting.delete(key);
    clearTimeout(counted?.timer);
    if (counted && counted.more > 0) await write(counted.tried, counted.more).catch(onError);
  };

  return {
    record: async (tried) => {
      if (!ofSecurityInterest[tried.refusal.kind] && !tried.always) return;
      const exact = [tried.actor.name, tried.verb, tried.refusal.kind, tried.about].join(' ');
      const key = counting.has(exact) || counting.size < KINDS_AT_ONCE ? exact : 'many';
      const counted = counting.get(key);
      if (counted) {
        counted.more += 1;
        return;
      }
      const timer = setTimeout(() => void close(key), WINDOW_MS);
      timer.unref();
      counting.set(key, { tried, more: 0, timer });
      await write(tried, 1).catch(onError);
    },
    flush: async () => {
      await Promise.all([...counting.keys()].map(close));
    },
  };
}

import type pg from 'pg';
import type { TestDatabase } from '../support/database.ts';

const tables = ['grants', 'legs', 'reviews', 'outbox', 'lanes', 'posted_messages', 'audit_events', 'schedules'];
const LIMIT_MS = 15_000;

/** Looks at the database again after every change in it, instead of asking over and over. */
export interface Watch {
  /** Resolves with the first truthy value of `look`. */
  until<T>(look: () => Promise<T>, what: string): Promise<Exclude<T, undefined | null | false | 0 | ''>>;
}

const watches = new WeakMap<TestDatabase, Promise<Watch>>();

export function watch(db: TestDatabase): Promise<Watch> {
  const known = watches.get(db) ?? startWatch(db);
  watches.set(db, known);
  return known;
}

async function startWatch(db: TestDatabase): Promise<Watch> {
  const session = await db.session('superuser');
  for (const table of tables) {
    await session.query(
      `create trigger test_changed after insert or update or delete on ${table} for each statement execute function ring('test_changed')`,
    );
  }
  await session.query('listen test_changed');
  return {
    until: async (look, what) => {
      for (;;) {
        // Listening starts before looking, so that no change falls between the two.
        const next = nextChange(session, what);
        const value = await look().catch((error: unknown) => {
          next.forget();
          throw error;
        });
        if (value) {
          next.forget();
          return value as Exclude<typeof value, undefined | null | false | 0 | ''>;
        }
        await next.change;
      }
    },
  };
}

function nextChange(session: pg.Client, what: string): { change: Promise<void>; forget: () => void } {
  let forget = (): void => {};
  const change = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      forget();
      reject(new Error(`nothing changed in the database for ${LIMIT_MS} ms while waiting for ${what}`));
    }, LIMIT_MS);
    const onChange = () => {
      forget();
      resolve();
    };
    forget = () => {
      clearTimeout(timer);
      session.off('notification', onChange);
    };
    session.on('notification', onChange);
  });
  return { change, forget: () => forget() };
}

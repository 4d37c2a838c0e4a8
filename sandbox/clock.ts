import pg from 'pg';

/** Moves the one clock that counts. Only here and in tests: the function is replaced as the owner of the database. */
export interface SandboxClock {
  now(): Promise<Date>;
  advance(milliseconds: number): Promise<void>;
  advanceTo(moment: Date): Promise<void>;
  /** By how much it is ahead of this machine's. */
  readonly aheadMs: number;
  /** Calls the listener whenever the clock was moved, until the returned function is called. */
  on(listener: () => void): () => void;
}

const bells = ['breakglass_clock', 'breakglass_outbox', 'breakglass_schedules'];

/** Beyond it, dates are none that anybody could show. */
const FURTHEST_MS = 50 * 366 * 24 * 60 * 60_000;

export function sandboxClock(ownerUrl: string): SandboxClock {
  let aheadMs = 0;
  let lastMove: Promise<unknown> = Promise.resolve();
  const listeners = new Set<() => void>();
  const asOwner = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: ownerUrl });
    client.on('error', () => {}); // a database that stops meanwhile fails the statement, not the process
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  /** One move at a time: two at once would replace the same function, and one would forget the other's offset. */
  const inTurn = (move: (client: pg.Client) => Promise<void>): Promise<void> => {
    const moved = lastMove.then(() => asOwner(move));
    lastMove = moved.catch(() => {});
    return moved;
  };
  const move = async (client: pg.Client, milliseconds: number): Promise<void> => {
    const ahead = aheadMs + milliseconds;
    if (ahead > FURTHEST_MS) throw new Error('The clock goes no further than fifty years ahead.');
    await client.query(
      `create or replace function breakglass_now() returns timestamptz language sql volatile parallel safe
       as $$ select pg_catalog.clock_timestamp() + interval '${ahead} milliseconds' $$`,
    );
    aheadMs = ahead; // before the bells: whoever hears one may already ask
    for (const listener of listeners) listener();
    // Whoever sleeps until a moment has to look at the clock again.
    for (const bell of bells) await client.query(`notify ${bell}`);
  };
  return {
    now: () => asOwner(timeOf),
    advance: (milliseconds) => inTurn((client) => move(client, milliseconds)),
    advanceTo: (moment) =>
      inTurn(async (client) => move(client, Math.max(0, moment.getTime() - (await timeOf(client)).getTime()))),
    get aheadMs() {
      return aheadMs;
    },
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

async function timeOf(client: pg.Client): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>('select breakglass_now() as now');
  if (!rows[0]) throw new Error('The database did not say what time it is.');
  return rows[0].now;
}

import pg from 'pg';

/** Moves the one clock that counts. Only here and in tests: the function is replaced as the owner of the database. */
export interface SandboxClock {
  now(): Promise<Date>;
  advance(milliseconds: number): Promise<void>;
  advanceTo(moment: Date): Promise<void>;
}

const bells = ['breakglass_clock', 'breakglass_outbox', 'breakglass_schedules'];

export function sandboxClock(ownerUrl: string): SandboxClock {
  let offsetMs = 0;
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
  const now = () =>
    asOwner(async (client) => {
      const { rows } = await client.query<{ now: Date }>('select breakglass_now() as now');
      if (!rows[0]) throw new Error('The database did not say what time it is.');
      return rows[0].now;
    });
  const advance = (milliseconds: number) =>
    asOwner(async (client) => {
      offsetMs += milliseconds;
      await client.query(
        `create or replace function breakglass_now() returns timestamptz language sql volatile parallel safe
         as $$ select pg_catalog.clock_timestamp() + interval '${offsetMs} milliseconds' $$`,
      );
      // Whoever sleeps until a moment has to look at the clock again.
      for (const bell of bells) await client.query(`notify ${bell}`);
    });
  return {
    now,
    advance,
    advanceTo: async (moment) => advance(Math.max(0, moment.getTime() - (await now()).getTime())),
  };
}

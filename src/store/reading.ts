import pg from 'pg';
import { patientFor } from './socket.ts';

/** A reading of the whole database as it is at one moment, however long it takes: for verification and export. */
export interface Reading {
  /** Rows of a statement. */
  all<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Rows of a statement that are too many for memory, so many at a time, in its order. */
  inChunks<R extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): AsyncGenerator<R[]>;
  close(): Promise<void>;
}

/** Milliseconds: a reading may take long, and nobody's click waits for it. */
const limits = { connect: 5_000, statement: 10 * 60_000, silence: 10 * 60_000 };
/** Rows that are held at a time. */
const CHUNK = 500;

/** Changes nothing and sees all tenants, like whoever looks across them (docs/adr/0002). */
const settings = [
  'role=breakglass_across',
  'default_transaction_read_only=on',
  `statement_timeout=${limits.statement}`,
  'timezone=UTC',
  'search_path=pg_catalog,public',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Opens a connection of its own and begins to read. Who reads may become `breakglass_across`, as the bot may. */
export async function openReading(url: string): Promise<Reading> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: limits.connect,
    stream: () => patientFor(limits.silence),
    options: settings,
    application_name: 'breakglass reading',
  });
  client.on('error', () => {}); // whoever reads is told by their statement
  await client.connect();
  await client.query('begin isolation level repeatable read read only');
  let cursors = 0;
  const all = async <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
    (await client.query<R>(text, [...values])).rows;
  return {
    all,
    inChunks: async function* <R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      cursors += 1;
      const cursor = `reading_${cursors}`;
      await client.query(`declare ${cursor} no scroll cursor for ${text}`, [...values]);
      try {
        for (;;) {
          const rows = await all<R>(`fetch ${CHUNK} from ${cursor}`);
          if (rows.length > 0) yield rows;
          if (rows.length < CHUNK) return;
        }
      } finally {
        await client.query(`close ${cursor}`).catch(() => {});
      }
    },
    close: () => client.end(),
  };
}

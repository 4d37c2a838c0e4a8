import { once } from 'node:events';
import pg from 'pg';
import { Mismatch } from './mismatch.ts';

/** A row of the audit trail, as it was written. */
export interface AuditRow {
  action: string;
  actor: string;
  details: Readonly<Record<string, unknown>>;
}

export interface GrantRow {
  state: string;
  lapses_at: Date;
  expires_at: Date | null;
  closed_at: Date | null;
}

/** Looks at what the bot wrote; never changes it. */
export class Records {
  readonly #client: pg.Client;
  /** The last audit row that was looked at. */
  #seen = '0';

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  /** @param adminUrl somebody's who sees every tenant */
  static async open(adminUrl: string): Promise<Records> {
    const client = new pg.Client({ connectionString: adminUrl });
    client.on('error', () => {}); // the database may stop before we do
    await client.connect();
    // The bot's own bell rings for what waits; the tour waits for what is settled.
    await client.query(
      `create or replace trigger tour_watches after update of state on outbox for each statement
         execute function ring('tour_watches')`,
    );
    await client.query(
      `create or replace trigger tour_watches after insert on checkpoints for each statement
         execute function ring('tour_watches')`,
    );
    await client.query('listen tour_watches');
    return new Records(client);
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  /** The audit rows since the last time this was asked, oldest first. */
  async added(): Promise<AuditRow[]> {
    const rows = await this.#query<AuditRow & { id: string }>(
      'select id, action, actor, details from audit_events where id > $1 order by id',
      [this.#seen],
    );
    this.#seen = rows.at(-1)?.id ?? this.#seen;
    return rows;
  }

  /** The grants that were asked for with this ticket. */
  grants(ticket: string): Promise<GrantRow[]> {
    return this.#query<GrantRow>('select state, lapses_at, expires_at, closed_at from grants where ticket = $1', [
      ticket,
    ]);
  }

  /** The id of the newest grant that was asked for with this ticket; null where there is none. */
  async newest(ticket: string): Promise<string | null> {
    const rows = await this.#query<{ id: string }>(
      'select id from grants where ticket = $1 order by requested_at desc, id desc limit 1',
      [ticket],
    );
    return rows[0]?.id ?? null;
  }

  /** When the next access runs out or the next request lapses; undefined where nothing is open. */
  async next(what: 'expiry' | 'lapse'): Promise<Date | undefined> {
    const [column, state] = what === 'expiry' ? ['expires_at', 'active'] : ['lapses_at', 'requested'];
    const rows = await this.#query<{ at: Date | null }>(`select min(${column}) as at from grants where state = $1`, [
      state,
    ]);
    return rows[0]?.at ?? undefined;
  }

  /** Waits until every notice is delivered or given up. */
  async quiet(timeoutMs: number): Promise<void> {
    await this.#until(
      async () => (await this.#waiting()) === 0,
      timeoutMs,
      async () => new Mismatch('every notice to be delivered', `${await this.#waiting()} still waiting`),
    );
  }

  /** Waits until everything that was written is sealed, which is a matter of seconds. */
  async sealed(timeoutMs: number): Promise<void> {
    const unsealed = () =>
      this.#query('select 1 from audit_events e where not exists (select from audit_leaves l where l.event_id = e.id)');
    const waiting = async () =>
      new Mismatch('the audit trail to be sealed', `${(await unsealed()).length} rows are not`);
    await this.#until(async () => (await unsealed()).length === 0, timeoutMs, waiting);
  }

  /** Looks again whenever the database says that something was delivered, or sealed. */
  async #until(isSo: () => Promise<boolean>, timeoutMs: number, otherwise: () => Promise<Mismatch>): Promise<void> {
    const giveUp = new AbortController();
    const stop = () => giveUp.abort();
    const timer = setTimeout(stop, timeoutMs);
    this.#client.once('end', stop); // of a database that is gone there is no news
    try {
      for (;;) {
        // Listening starts before looking, so that no news falls between the two.
        const news = once(this.#client, 'notification', { signal: giveUp.signal }).then(
          () => true,
          () => false,
        );
        if (await isSo()) return;
        if (!(await news)) throw await otherwise();
      }
    } finally {
      clearTimeout(timer);
      this.#client.off('end', stop);
      giveUp.abort();
    }
  }

  async #waiting(): Promise<number> {
    const rows = await this.#query<{ waiting: number }>(
      "select count(*)::int as waiting from outbox where state = 'waiting'",
    );
    return rows[0]?.waiting ?? 0;
  }

  async #query<R extends object>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await this.#client.query<R>(text, values)).rows;
  }
}

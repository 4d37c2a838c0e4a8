import { expect } from 'vitest';
import { troubleSentence } from '../../src/slack/views/refusals.ts';
import {
  answerTo,
  approve,
  as,
  auditOf,
  cardIn,
  press,
  quiet,
  stateOf,
  submitRequest,
  type Who,
} from '../journeys/verbs.ts';
import type { TestDatabase } from '../support/database.ts';
import type { TestStack } from '../support/stack.ts';

/** What may go wrong with PostgreSQL on purpose, and what must be so then. */

const tables = ['grants', 'legs', 'audit_events', 'outbox', 'handled_requests'];

/** Every row that a decision could have written, as text. */
export async function records(db: TestDatabase): Promise<Record<string, unknown[]>> {
  const found: Record<string, unknown[]> = {};
  for (const table of tables) found[table] = await db.query('superuser', `select t::text from ${table} t order by 1`);
  return found;
}

export interface Refusing {
  /** How often it was raised so far. */
  raised(): Promise<number>;
  lift(): Promise<void>;
}

/** From now on a new row in a table raises this SQLSTATE; the first so many times, or until it is lifted. */
export async function refuse(db: TestDatabase, table: string, state: string, times = 1_000_000): Promise<Refusing> {
  await db.query('owner', 'drop sequence if exists raised');
  await db.query('owner', 'create sequence raised');
  await db.query('owner', 'grant usage on sequence raised to public');
  await db.query(
    'owner',
    `create or replace function refuse() returns trigger language plpgsql as $$ begin
       if nextval('public.raised') <= ${times} then raise exception using errcode = '${state}', message = 'no more of this'; end if;
       return new; end $$`,
  );
  await db.query('owner', `create trigger refuse before insert on ${table} for each row execute function refuse()`);
  return {
    raised: async () => {
      const [row] = await db.query<{ n: number }>(
        'superuser',
        `select least(case when is_called then last_value else 0 end, ${times})::int as n from raised`,
      );
      return row?.n ?? 0;
    },
    lift: async () => {
      await db.query('owner', `drop trigger refuse on ${table}`);
    },
  };
}

/** Ends all of the bot's sessions. @returns how many there were */
export async function terminate(db: TestDatabase): Promise<number> {
  const ended = await db.query(
    'superuser',
    `select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and usename = 'breakglass_app'`,
  );
  return ended.length;
}

/** Whether the bot says that it takes work, and how long it thought about that (ms). */
export async function readiness({ bot }: TestStack): Promise<{ status: number; ms: number }> {
  const from = performance.now();
  const { status } = await fetch(`http://127.0.0.1:${bot.apiPort}/readyz`);
  return { status, ms: performance.now() - from };
}

/** Asks by the form and expects one sentence in its place. */
export async function askInVain(stack: TestStack): Promise<void> {
  const sent = await submitRequest(stack);
  expect(sent.kind).toBe('updated');
  expect(JSON.stringify(sent)).toContain(troubleSentence);
  await as(stack, 'olivia').close({ all: true });
}

/** Approves and expects one sentence, to nobody else. */
export async function approveInVain(stack: TestStack, who: Who, place: string, grant: string): Promise<void> {
  expect(await answerTo(stack, who, () => press(stack, who, place, grant, 'approve'))).toBe(troubleSentence);
}

/** A request goes its whole way, whatever was before, each step once; and makes room for the next one. */
export async function carryOn(stack: TestStack, grant: string): Promise<void> {
  if (!(await auditOf(stack, grant)).includes('break_glass.approved')) await approve(stack, 'anna', 'C0ACME', grant);
  await approve(stack, 'sam', 'C0SECURITY', grant);
  await cardIn(stack, 'C0ACME', grant, 'Active until');
  await press(stack, 'olivia', 'U0OLIVIA', grant, 'end');
  await quiet(stack);
  expect(await stateOf(stack, grant)).toBe('ended');
  const facts = ['requested', 'approved', 'approved', 'activated', 'ended', 'review_opened'];
  expect(await auditOf(stack, grant)).toEqual(facts.map((fact) => `break_glass.${fact}`));
}

/** The lines of trouble since a moment, warnings included. */
export const troubles = ({ log }: TestStack, from = 0) =>
  log.slice(from).filter(({ level }) => Number(level) >= 40) as {
    level: number;
    msg: string;
    err?: { message: string };
  }[];

/** Waits for a line in the log. */
export const logged = ({ log }: TestStack, said: string, from = 0, timeout = 15_000) =>
  expect.poll(() => log.slice(from).some(({ msg }) => msg === said), { timeout, message: said }).toBe(true);

/** Nobody reads a secret, or a page, in the log. */
export function expectClearLines(lines: readonly Record<string, unknown>[]): void {
  for (const line of lines) {
    const text = JSON.stringify(line);
    expect(text).not.toMatch(/postgres(ql)?:\/\/|xoxb-|signing-secret/);
    expect(text.length).toBeLessThan(4_000);
  }
}

/** What it came to, and how long that took (ms). */
export async function timed(work: () => Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const from = performance.now();
  const error = await work().then(
    () => undefined,
    (failure: unknown) => failure,
  );
  return { error, ms: performance.now() - from };
}

import type { NewChannel } from '../../sandbox/slack/index.ts';
import type { Addressed, Notice } from '../../src/domain/notices.ts';
import { openDatabase } from '../../src/store/database.ts';
import { enqueue } from '../../src/store/outbox.ts';
import { configured } from '../journeys/configurations.ts';
import { watch } from '../journeys/watch.ts';
import type { TestDatabase } from '../support/database.ts';
import type { TestStack } from '../support/stack.ts';

/** Notices without a story: written where the use cases write them, and found again where the bot told them. */

/** The sandbox's configuration without digests, which would come between when a clock passes eight. */
export const withoutDigests = (changes: Readonly<Record<string, string>> = {}) =>
  configured({
    "schedules: { digest: { cron: '0 8 * * *', timezone: UTC } }": 'schedules: { digest: null }',
    ...changes,
  });

let made = 0;
/** A channel that no other test writes to, with the bot in it unless told. */
export function aChannel({ slack }: Pick<TestStack, 'slack'>, is: Omit<NewChannel, 'id'> = {}): string {
  made += 1;
  return slack.addChannel({ id: `C0MAIL${made}`, name: `mail-${made}`, ...is }).id;
}

/** A notice that is nothing but its name: one word. */
export const note = (destination: string, name: string): Addressed => ({
  destination,
  notice: { kind: 'tenant_changed', tenant: name, changes: [], wasShared: null },
});

export const names = (count: number, prefix = 'n') => Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

/** Commits notices in one transaction, as a verb does. */
export async function send({ db }: Pick<TestStack, 'db'>, ...notices: readonly Addressed[]): Promise<void> {
  const store = openDatabase({ url: db.url('app'), connections: 1 });
  try {
    await store.acrossTenants('a test', (tx) => enqueue(tx, notices, { tenant: null, requestId: 'test' }));
  } finally {
    await store.close();
  }
}

/** The notes that stand in a channel, by their names, oldest first. */
export const notesIn = ({ slack }: Pick<TestStack, 'slack'>, channel: string): string[] =>
  slack.messages(channel).flatMap(({ text }) => /The configuration of (\S+) changed/.exec(text)?.[1] ?? []);

/** The notice that each message of a channel carries, by the id in its metadata. */
export const noticesIn = ({ slack }: Pick<TestStack, 'slack'>, channel: string) =>
  slack.messages(channel).map(({ metadata }) => metadata?.event_payload);

export interface Told {
  id: string;
  kind: Notice['kind'];
  grant: string | null;
  state: 'waiting' | 'delivered' | 'dead';
  attempts: number;
  error: string | null;
  /** Seconds until it is tried again, by the database's clock; negative when that time has come. */
  again: number;
  /** Seconds from its writing to its settlement. */
  took: number | null;
  payload: Record<string, unknown>;
}

/** What there is to tell in a destination, as the outbox has it, oldest first. */
export const toldIn = ({ db }: { db: TestDatabase }, destination: string): Promise<Told[]> =>
  db.query<Told & { [column: string]: unknown }>(
    'superuser',
    `select id::text, kind, grant_id as grant, state::text, attempts, last_error as error, payload,
            extract(epoch from not_before - breakglass_now())::float8 as again,
            extract(epoch from settled_at - created_at)::float8 as took
       from outbox where destination = $1 order by outbox.id`,
    [destination],
  );

/** A destination's notices as soon as they are as they should be. No clock is moved meanwhile. */
export async function untilTold(at: { db: TestDatabase }, destination: string, are: (all: Told[]) => unknown) {
  const { until } = await watch(at.db);
  return until(async () => {
    const all = await toldIn(at, destination);
    return are(all) ? all : null;
  }, `the notices for ${destination}`);
}

export const tried = (all: Told[]) => (all[0]?.attempts ?? 0) > 0;

export interface Dead {
  notice: string;
  kind: string;
  destination: string;
  error: string;
}

/** The audit's word on notices that never arrived in a destination. */
export const recordedDead = ({ db }: { db: TestDatabase }, destination: string) =>
  db.query<{ actor: string; grant: string | null; tenant: string | null; details: Dead }>(
    'superuser',
    `select actor, grant_id as grant, tenant_id as tenant, details from audit_events
      where action = 'notice.dead' and details->>'destination' = $1 order by id`,
    [destination],
  );

/** The direct message that somebody's id leads to. */
export const inboxOf = ({ slack }: Pick<TestStack, 'slack'>, user: string) => slack.as(user).dm();

import type { Addressed } from '../domain/notices.ts';
import type { Tx } from '../store/database.ts';
import { enqueue } from '../store/outbox.ts';
import { readClock } from '../store/policies.ts';
import { unansweredReviews } from '../store/reviews.ts';
import { claimSchedule, type DefinedSchedule, definedSchedules, saveSchedule } from '../store/schedules.ts';
import { newestCheckpoint } from '../store/seal.ts';
import { tenantOfChannel } from '../store/tenants.ts';
import { record } from './configuration-changes.ts';
import type { Context, InForce } from './context.ts';
import { LISTED, listOf } from './remind-reviews.ts';
import { DIGESTS_LIMIT_MS, FIRST_LOOK_BACK_MS, type LastDue, writeDigests } from './send-digests.ts';

/** When a cron expression fell due last, in its time zone. */
export type DueBy = (when: { cron: string; timezone: string }) => LastDue;

/**
 * Does what is due by the schedules in the database, as they are now: each by one process, once, at its time. After a
 * standstill, what was missed is done once.
 * @returns how many this call did
 * @throws AggregateError after the others, when some could not be done
 */
export async function runSchedules(context: Context, dueBy: DueBy, requestId: string): Promise<number> {
  const all = await context.db.acrossTenants('which schedules there are', definedSchedules);
  const failures: unknown[] = [];
  let ran = 0;
  for (const { name } of all) {
    try {
      if (await runOne(context, name, dueBy, requestId)) ran += 1;
    } catch (error) {
      failures.push(error); // one schedule that fails must not keep the others waiting
    }
  }
  if (failures.length === 0) return ran;
  throw new AggregateError(failures, `${failures.length} of ${all.length} schedules failed`, { cause: failures[0] });
}

const runOne = ({ db, inForce }: Context, name: string, dueBy: DueBy, requestId: string): Promise<boolean> =>
  db.acrossTenants(
    'do what a schedule says',
    async (tx) => {
      const schedule = await claimSchedule(tx, name);
      // Read after the row lock: whoever had it may have run the schedule a moment ago.
      const { now, epoch } = await readClock(tx);
      const ours = inForce();
      // Where security is told is in the file: a process with another one leaves it to the others.
      if (schedule === null || epoch !== ours.epoch || schedule.checkedUntil >= now) return false;
      const due = dueBy(schedule)(schedule.checkedUntil, now);
      if (due === null) {
        await saveSchedule(tx, name, { checkedUntil: now, lastRunAt: schedule.lastRunAt });
        return false;
      }
      await jobs[schedule.job](tx, { ...schedule, ...(await placeOf(tx, schedule)) }, due, ours, requestId);
      await saveSchedule(tx, name, { checkedUntil: now, lastRunAt: due });
      return true;
    },
    DIGESTS_LIMIT_MS,
  );

/** Where a schedule goes. A channel that became a tenant's since is passed over for the usual place. */
type Placed = Pick<DefinedSchedule, 'channel'> & { passedOver: string | null };

async function placeOf(tx: Tx, { channel }: DefinedSchedule): Promise<Placed> {
  const isOwners = channel !== null && (await tenantOfChannel(tx, channel)) !== null;
  return isOwners ? { channel: null, passedOver: channel } : { channel, passedOver: null };
}

/** An audit row has it where there is one. */
const passed = ({ passedOver }: Placed) => (passedOver === null ? {} : { passed_over: passedOver });

/** So many are counted, of which a list shows some. */
const COUNTED = 1_000;

type Run = (
  tx: Tx,
  schedule: DefinedSchedule & Placed,
  due: Date,
  inForce: InForce,
  requestId: string,
) => Promise<void>;

const jobs: Readonly<Record<DefinedSchedule['job'], Run>> = {
  digest: async (tx, schedule, due, { channels }, requestId) => {
    const { name, channel, passedOver, lastRunAt } = schedule;
    const from = lastRunAt ?? new Date(due.getTime() - FIRST_LOOK_BACK_MS);
    const places = { security: channel ?? channels.security, owners: channel === null && passedOver === null };
    await writeDigests(tx, { schedule: name, from, to: due, ...passed(schedule) }, places, requestId);
  },
  open_reviews: async (tx, schedule, due, { channels }, requestId) => {
    const open = await unansweredReviews(tx, null, COUNTED);
    const { now } = await readClock(tx);
    const reviews = await listOf(tx, open.slice(0, LISTED), now);
    const notices: Addressed['notice'][] =
      reviews.length === 0 ? [] : [{ kind: 'reviews_open', reviews, more: open.length - reviews.length }];
    await send(tx, schedule, notices, due, channels.security, requestId);
  },
  checkpoint: async (tx, schedule, due, { channels }, requestId) => {
    const head = await newestCheckpoint(tx);
    const notices: Addressed['notice'][] = head
      ? [{ kind: 'checkpoint', tenant: null, size: head.size, note: head.note }]
      : [];
    await send(tx, schedule, notices, due, channels.security, requestId);
  },
};

async function send(
  tx: Tx,
  schedule: DefinedSchedule & Placed,
  notices: readonly Addressed['notice'][],
  due: Date,
  usual: string,
  requestId: string,
): Promise<void> {
  const { name, job, channel } = schedule;
  const destination = channel ?? usual;
  const addressed = notices.map((notice): Addressed => ({ destination, notice }));
  await enqueue(tx, addressed, { tenant: null, requestId });
  const details = { schedule: name, job, due, sent: notices.length, ...passed(schedule) };
  await record(tx, 'schedule.ran', null, details, requestId, 'system:clock');
}

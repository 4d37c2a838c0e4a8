import { createTask, type ScheduledTask } from 'node-cron';
import type { Log } from '../log.ts';
import { asOneWork } from '../log.ts';
import { untilNextDue } from '../store/due.ts';
import { forgetHandled } from '../store/handled.ts';
import { closeDue } from '../usecases/close-due.ts';
import type { Context } from '../usecases/context.ts';
import { type AskOperator, dropLeavers } from '../usecases/drop-leavers.ts';
import { sendDigestsIfDue } from '../usecases/send-digests.ts';
import { type Alarm, alarm } from './alarm.ts';
import { drainOutbox, type OutboxDeps } from './drain-outbox.ts';
import { lastMatch } from './schedule.ts';

export interface ClockDeps {
  context: Context;
  outbox: OutboxDeps;
  isOperator: AskOperator;
  /** When the digest is due; null for never. */
  digest: () => { cron: string; timezone: string } | null;
  log: Log;
}

/** Everything that happens without anybody asking. */
export interface Clock {
  /** Grants end and lapse on time. */
  due: Alarm;
  /** Notices go out. */
  outbox: Alarm;
  digests: Alarm;
  leavers: Alarm;
  stop(): Promise<void>;
}

const FORGET_REPEATS_AFTER_DAYS = 7;

/** Every schedule on one screen. The alarms know their next moment; cron is the safety net under them, in UTC. */
export function startClock({ context, outbox: outboxDeps, isOperator, digest, log }: ClockDeps): Clock {
  const trouble = (what: string) => (error: unknown) => log.error({ err: error }, `${what} failed; it is tried again`);
  const { db } = context;

  const due = alarm(async () => {
    await asOneWork(async (requestId) => {
      const closed = await closeDue(context, requestId);
      if (closed > 0) log.info({ closed }, 'grants closed by the clock');
    });
    return db.acrossTenants('when the next grant is due', untilNextDue);
  }, trouble('closing what is due'));

  const outbox = drainOutbox(outboxDeps, trouble('delivering notices'));

  const digests = alarm(async () => {
    const when = digest();
    if (when === null) return null;
    await asOneWork(async (requestId) => {
      if (await sendDigestsIfDue(context, lastMatch(when), requestId)) log.info('digests sent');
    });
    return null;
  }, trouble('sending the digests'));

  const leavers = alarm(async () => {
    await asOneWork(async (requestId) => {
      const dropped = await dropLeavers(context, isOperator, requestId);
      if (dropped > 0) log.warn({ dropped }, 'access of people who are no operators any more was taken back');
    });
    return null;
  }, trouble('looking for leavers'));

  const housekeeping = alarm(async () => {
    await db.acrossTenants('forget old repeats', (tx) => forgetHandled(tx, FORGET_REPEATS_AFTER_DAYS));
    return null;
  }, trouble('housekeeping'));

  const tasks = [
    every('*/15 * * * * *', due),
    every('*/15 * * * * *', outbox),
    every('* * * * *', digests),
    every('* * * * *', leavers),
    every('23 3 * * *', housekeeping),
  ];
  // After any standstill: what fell due meanwhile.
  for (const each of [due, outbox, digests, leavers]) each.ring();

  return {
    due,
    outbox,
    digests,
    leavers,
    stop: async () => {
      await Promise.all(tasks.map((task) => task.destroy()));
      await Promise.all([due, outbox, digests, leavers, housekeeping].map((each) => each.stop()));
    },
  };
}

function every(cron: string, { ring }: Alarm): ScheduledTask {
  const task = createTask(cron, ring, { timezone: 'UTC', suppressMissedWarning: true });
  task.start();
  return task;
}

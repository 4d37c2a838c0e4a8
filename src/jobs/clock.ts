import { createTask, type ScheduledTask } from 'node-cron';
import type { Log } from '../log.ts';
import { asOneWork } from '../log.ts';
import { untilNextDue } from '../store/due.ts';
import { forgetHandled } from '../store/handled.ts';
import { forgetSignIns } from '../store/sign-ins.ts';
import { closeDue } from '../usecases/close-due.ts';
import type { Context } from '../usecases/context.ts';
import { type AskOperator, dropLeavers } from '../usecases/drop-leavers.ts';
import { remindOfReviews } from '../usecases/remind-reviews.ts';
import { type Alarm, alarm } from './alarm.ts';
import { drainOutbox } from './drain-outbox.ts';
import { doWhatIsTimed } from './timed.ts';
import { troubleLog } from './trouble.ts';
import type { OutboxDeps } from './turn.ts';

export interface ClockDeps {
  context: Context;
  outbox: OutboxDeps;
  isOperator: AskOperator;
  /** When the file's digest is due; null for never. */
  digest: () => { cron: string; timezone: string } | null;
  /** Seals what is new in the history. */
  seal: (requestId: string) => Promise<void>;
  /** Looks at the database's clock anew. */
  correctTime: () => Promise<void>;
  log: Log;
}

/** Everything that happens without anybody asking. */
export interface Clock {
  /** Grants end and lapse on time. */
  due: Alarm;
  /** Notices go out. */
  outbox: Alarm;
  /** What is sent at a time of day. */
  digests: Alarm;
  leavers: Alarm;
  /** Reviews that nobody answers are told of. */
  reviews: Alarm;
  /** History is sealed. */
  seals: Alarm;
  /** How late it is outside. */
  time: Alarm;
  stop(): Promise<void>;
}

const FORGET_REPEATS_AFTER_DAYS = 7;

/** Every schedule on one screen. The alarms know their next moment; cron is the safety net under them, in UTC. */
export function startClock({
  context,
  outbox: outboxDeps,
  isOperator,
  digest,
  seal,
  correctTime,
  log,
}: ClockDeps): Clock {
  const { db } = context;
  const job = (what: string, run: () => Promise<number | null>): Alarm => {
    const { failed, over } = troubleLog(log, what);
    return alarm(run, failed, over);
  };

  const due = job('closing what is due', async () => {
    await asOneWork(async (requestId) => {
      const closed = await closeDue(context, requestId);
      if (closed > 0) log.info({ closed }, 'grants closed by the clock');
    });
    return db.acrossTenants('when the next grant is due', untilNextDue);
  });

  const deliveries = troubleLog(log, 'delivering notices');
  const outbox = drainOutbox(outboxDeps, deliveries.failed, deliveries.over);

  const digests = job('sending the digests', async () => {
    await asOneWork((requestId) => doWhatIsTimed(context, digest(), log, requestId));
    return null;
  });

  const leavers = job('looking for leavers', async () => {
    await asOneWork(async (requestId) => {
      const dropped = await dropLeavers(context, isOperator, requestId);
      if (dropped > 0) log.warn({ dropped }, 'access of people who are no operators any more was taken back');
    });
    return null;
  });

  const reviews = job('reminding of reviews', async () => {
    await asOneWork(async (requestId) => {
      const told = await remindOfReviews(context, requestId);
      if (told.escalated + told.listed > 0) log.info(told, 'reviews that nobody answered were told of');
    });
    return null;
  });

  const seals = job('sealing the history', () => asOneWork(seal).then(() => null));

  const time = job('asking the database for the time', () => correctTime().then(() => null));

  const housekeeping = job('housekeeping', async () => {
    await db.acrossTenants('forget old repeats', (tx) => forgetHandled(tx, FORGET_REPEATS_AFTER_DAYS));
    await db.acrossTenants('forget old sign-ins', forgetSignIns);
    return null;
  });

  const tasks = [
    every('*/15 * * * * *', due),
    every('*/15 * * * * *', outbox),
    every('*/5 * * * * *', seals),
    every('* * * * *', digests),
    every('* * * * *', leavers),
    every('* * * * *', reviews),
    every('30 * * * * *', time),
    every('23 3 * * *', housekeeping),
  ];
  // After any standstill: what fell due meanwhile.
  for (const each of [due, outbox, seals, digests, leavers, reviews]) each.ring();

  return {
    due,
    outbox,
    digests,
    leavers,
    reviews,
    seals,
    time,
    stop: async () => {
      await Promise.all(tasks.map((task) => task.destroy()));
      await Promise.all([due, outbox, seals, digests, leavers, reviews, time, housekeeping].map((each) => each.stop()));
    },
  };
}

function every(cron: string, { ring }: Alarm): ScheduledTask {
  const task = createTask(cron, ring, { timezone: 'UTC', suppressMissedWarning: true });
  task.start();
  return task;
}

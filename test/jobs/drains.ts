import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { drainOutbox } from '../../src/jobs/drain-outbox.ts';
import type { OutboxDeps, Tried } from '../../src/jobs/turn.ts';
import { watch } from '../journeys/watch.ts';
import type { Office } from '../usecases/office.ts';

/** One process's outbox, without Slack: the test says what comes of each try. Nobody rings it but the test. */
export function delivering(
  { context, db }: Office,
  deliver: (destination: string, notice: string) => Promise<Tried>,
  changes: Partial<OutboxDeps> = {},
) {
  const errors: unknown[] = [];
  const drain = drainOutbox(
    {
      ...{ db: context.db, log: pino({ level: 'silent' }) },
      deliver: ({ id }, destination) => deliver(destination, String(id)),
      channels: () => ({ security: 'C0SECURITY', ops: 'C0OPS' }),
      deadAfterMinutes: () => 60,
      ...changes,
    },
    (error) => errors.push(error),
  );
  onTestFinished(() => drain.stop());
  return {
    ...drain,
    errors,
    /** Rings, and waits until the database is as it should be. */
    work: async (until: () => Promise<unknown>, what: string) => {
      drain.ring();
      await (await watch(db)).until(until, what);
    },
  };
}

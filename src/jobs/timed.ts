import type { Log } from '../log.ts';
import type { Context } from '../usecases/context.ts';
import { runSchedules } from '../usecases/run-schedules.ts';
import { sendDigestsIfDue } from '../usecases/send-digests.ts';
import { lastMatch } from './schedule.ts';

/**
 * What is sent at a time of day: the file's digest, and what the schedules of the API say. Neither keeps the other waiting.
 * @param digest when the file's is due; null for never
 * @throws what failed, after both were tried
 */
export async function doWhatIsTimed(
  context: Context,
  digest: { cron: string; timezone: string } | null,
  log: Pick<Log, 'info'>,
  requestId: string,
): Promise<void> {
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const isSent = digest !== null && (await sendDigestsIfDue(context, lastMatch(digest), requestId).catch(failed));
  if (isSent) log.info('digests sent');
  const ran = await runSchedules(context, lastMatch, requestId).catch(failed);
  if (ran) log.info({ ran }, 'schedules run');
  if (failures.length === 0) return;
  const [first, second] = failures;
  // Both fail in an outage, and a line of the log is for reading: of the second it says what it is.
  throw second instanceof Error
    ? new Error(`the digest failed, the schedules too: ${second.name}`, { cause: first })
    : first;
}

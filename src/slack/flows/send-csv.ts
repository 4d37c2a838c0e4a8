import type { TrailWish } from '../../domain/trail.ts';
import type { Which } from '../../usecases/audit-sight.ts';
import type { Refused } from '../../usecases/context.ts';
import { CSV_MOST, type Exported, exportAudit } from '../../usecases/export-audit.ts';
import type { ActingPerson, Door } from '../door.ts';
import { sendFile } from '../files.ts';
import { typed } from '../text.ts';
import { filterLine } from '../views/audit-trail.ts';

interface Asked {
  actor: ActingPerson;
  user: string;
  requestId: string;
  wish: TrailWish;
}

/** Who waits for a file: one at a time each, however often they press. */
const waiting = new Set<string>();

/** Makes the CSV and sends it to the person who asked; says what became of it. @returns why not, where a rule says no */
export async function sendCsv(
  door: Door,
  { actor, user, requestId, wish }: Asked,
  say: (said: string) => Promise<void>,
): Promise<Refused | Which | undefined> {
  if (waiting.has(user)) {
    await say('Your last CSV is still on its way.');
    return undefined;
  }
  waiting.add(user);
  try {
    const made = await exportAudit(door.context, door.desk, { actor, wish }, requestId);
    if (made.kind !== 'exported') return made;
    const sent = await sendFile(door.slack.patient, user, fileOf(made, wish));
    if (sent.kind === 'not_sent') door.log.warn({ slack_error: sent.error }, 'a CSV could not be sent');
    await say(
      sent.kind === 'sent'
        ? whatCame(made)
        : `Slack did not take the file: ${typed(sent.error, 100)}. Try again later.`,
    );
    return undefined;
  } finally {
    waiting.delete(user);
  }
}

function fileOf(made: Exported, wish: TrailWish) {
  const { tenant, csv, at, filter } = made;
  const day = at.toISOString().slice(0, 16).replace(/[-:]/g, '').replace('T', '-');
  const title = `Audit trail of ${tenant?.name ?? 'everything'}`;
  const comment = [`${typed(title)}. ${filterLine({ wish, filter })} ${countOf(made)}`]
    .join(' ')
    .replaceAll(/ +/g, ' ');
  return { name: `audit-${tenant?.key ?? 'everything'}-${day}.csv`, title, bytes: csv, comment };
}

const whatCame = (made: Exported): string => `The CSV is in your direct messages. ${countOf(made)}`;

function countOf({ rows, cut }: Exported): string {
  const count = `${rows} ${rows === 1 ? 'row' : 'rows'}.`;
  const most = `${CSV_MOST.rows} rows or ${CSV_MOST.bytes / 1024 / 1024} MB`;
  return cut ? `${count} Older ones are left out: a file takes ${most}. Choose a shorter time to get them.` : count;
}

import type { readOfflineEnvironment } from '../../config.ts';
import { readVerifier } from '../../evidence/note.ts';
import { reasonsNotToStart, takesWrites } from '../../store/assert-ready.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { type Examined, examineServer } from '../../store/examine.ts';
import { type Present, readPresent } from '../../store/present.ts';
import { listSealKeys } from '../../store/seal.ts';
import { hasAdminKey } from '../../usecases/who-calls.ts';
import { machineTime } from '../machine-time.ts';
import { spanWords } from '../when.ts';
import { type Finding, looked, ok, problem, unknown, warning, whyOf } from './finding.ts';

type Offline = ReturnType<typeof readOfflineEnvironment>;

/** Clocks that are further apart confuse people who compare times (ms). */
const CLOCKS_APART_MS = 5_000;
/** A notice that waits for longer is stuck (s). */
const STUCK_SECONDS = 15 * 60;
/** History is sealed within seconds; what waits for longer is not being sealed (s). */
const UNSEALED_SECONDS = 120;
const OLDEST_SERVER = 150_000;

/** @returns what was found, and how far the clock there is ahead of this machine's (ms), as far as it was read */
export async function lookAtDatabase(offline: Offline): Promise<{ findings: Finding[]; aheadMs: number | null }> {
  const what = 'database';
  const database = offline.database();
  if (!('url' in database)) {
    return {
      findings: [unknown(what, 'DATABASE_URL is not set: an embedded database belongs to the bot that started it')],
      aheadMs: null,
    };
  }
  const db = openDatabase({ url: database.url, connections: 1 });
  try {
    const reasons = await reasonsNotToStart(db);
    if (reasons.length > 0) {
      return { findings: reasons.map((each) => problem(what, each, todoFor(each))), aheadMs: null };
    }
    const across = <T>(work: Parameters<typeof db.acrossTenants<T>>[1]) =>
      db.acrossTenants('a look by the doctor', work);
    const server = await across(examineServer);
    const aheadMs = server.nowMs - machineTime(); // now: what follows takes its time
    const writable = await across(takesWrites);
    const present = await across((tx) => readPresent(tx, offline.sealing !== null));
    return {
      findings: [
        ok(what, `reached as ${server.role}; every migration is there`),
        ...(writable
          ? []
          : [problem(what, 'takes no writes: a standby, or set to read-only', 'Point DATABASE_URL at the primary.')]),
        ...rights(server),
        ...durability(server),
        apart('clock', "the database's clock and this machine's", aheadMs),
        ...(await looked('seal', () => seal(db, present, offline))),
        ...outbox(present),
        ...reviews(present),
        ...(await looked('admin key', () => adminKey(db, offline))),
      ],
      aheadMs,
    };
  } catch (error) {
    return {
      findings: [problem(what, `can't be used: ${whyOf(error)}`, 'Look at DATABASE_URL, and whether the server runs.')],
      aheadMs: null,
    };
  } finally {
    await db.close();
  }
}

const todoFor = (reason: string): string =>
  reason.includes('breakglass migrate') ? 'Run: breakglass migrate' : 'See docs/operations.md, "Roles in PostgreSQL".';

function rights({ excess, role }: Examined): Finding[] {
  const what = 'database rights';
  if (excess.length === 0) return [ok(what, `${role} may do no more than its work`)];
  return excess.map((each) =>
    problem(what, `${role} ${each}`, 'Take that right away: docs/operations.md, "Roles in PostgreSQL".'),
  );
}

function durability({ fsync, fullPageWrites, synchronousCommit, version, versionNumber }: Examined): Finding[] {
  const what = 'durability';
  const off = [...(fsync ? [] : ['fsync']), ...(fullPageWrites ? [] : ['full_page_writes'])];
  return [
    ...(versionNumber < OLDEST_SERVER
      ? [problem('server', `PostgreSQL ${version}`, 'Use PostgreSQL 15 or later.')]
      : []),
    off.length > 0
      ? problem(
          what,
          `${off.join(' and ')} off: what was confirmed can be lost with the power`,
          `In postgresql.conf: ${off.map((each) => `${each} = on`).join(', ')}`,
        )
      : synchronousCommit === 'off'
        ? warning(
            what,
            'synchronous_commit is off on the server; the bot turns it on for itself',
            'Turn it on for everybody else, too.',
          )
        : ok(what, `PostgreSQL ${version}; fsync on, synchronous_commit ${synchronousCommit}`),
  ];
}

/** Two clocks, and how far they are from each other (ms). */
export function apart(what: string, which: string, ms: number): Finding {
  if (Math.abs(ms) <= CLOCKS_APART_MS) return ok(what, `${which} agree`);
  return warning(
    what,
    `${which} are ${spanWords(Math.abs(ms))} apart`,
    "Every rule goes by the database's: set both by NTP.",
  );
}

async function seal(
  db: Database,
  { seal: newest, unsealedAgeSeconds: waits }: Present,
  { sealing }: Offline,
): Promise<Finding[]> {
  const what = 'seal';
  if (sealing === null)
    return [unknown(what, 'AUDIT_SIGNING_KEY is not set here, so whether the audit trail is sealed was not looked at')];
  const known = await db.acrossTenants('the keys that sealed', listSealKeys);
  const trusted = new Set(sealing.trusted.map(({ text }) => text));
  const foreign = known.filter(({ verifierKey }) => !trusted.has(verifierKey) && readVerifier(verifierKey) !== null);
  const age =
    newest === null
      ? 'nothing is sealed yet'
      : `${newest.entries} entries, the last seal ${spanWords(newest.ageSeconds * 1_000)} ago`;
  return [
    (waits ?? 0) > UNSEALED_SECONDS
      ? problem(
          what,
          `entries wait since ${spanWords((waits ?? 0) * 1_000)}; ${age}`,
          'The log of the bots says why: "history is not sealed". See docs/operations.md, "Sealing the audit trail".',
        )
      : ok(what, age),
    foreign.length > 0
      ? problem(
          'seal key',
          `the history was also sealed by ${foreign.map(({ verifierKey }) => verifierKey).join(', ')}`,
          'Put its public key into AUDIT_PREVIOUS_KEYS if it was yours; if not, run: breakglass verify',
        )
      : ok(
          'seal key',
          known.length === 0 ? 'no key signed yet' : 'AUDIT_SIGNING_KEY and AUDIT_PREVIOUS_KEYS are those that signed',
        ),
  ];
}

function outbox({ notices: { waiting, dead } }: Present): Finding[] {
  const what = 'notices';
  const since = (seconds: number): string => spanWords(seconds * 1_000);
  return [
    waiting.ageSeconds > STUCK_SECONDS
      ? problem(
          what,
          `${waiting.count} wait, the oldest since ${since(waiting.ageSeconds)}`,
          'Look whether a bot runs, and at "slack" in this list. Decide by the API meanwhile.',
        )
      : ok(
          what,
          waiting.count === 0 ? 'none waits' : `${waiting.count} wait, the oldest since ${since(waiting.ageSeconds)}`,
        ),
    ...(dead.count > 0
      ? [
          problem(
            'dead notices',
            `${dead.count} could not be delivered, the oldest since ${since(dead.ageSeconds)}`,
            'Run: breakglass notices dead; put right what it says; breakglass notices requeue --all',
          ),
        ]
      : [ok('dead notices', 'none')]),
  ];
}

function reviews({ reviews: { owed, overdue } }: Present): Finding[] {
  if (overdue > 0) {
    return [
      warning(
        'reviews',
        `${overdue} of ${owed} are overdue, and hold up their operators`,
        'Security answers them: /breakglass reviews, or breakglass review ID',
      ),
    ];
  }
  return [ok('reviews', owed === 0 ? 'none is owed' : `${owed} owed, none overdue`)];
}

async function adminKey(db: Database, { adminApiKey }: Offline): Promise<Finding[]> {
  const what = 'admin key';
  const there = await hasAdminKey(db);
  if (adminApiKey !== null) {
    return there
      ? [
          warning(
            what,
            'ADMIN_API_KEY is set and ignored: there is, or was, an admin key in the database',
            'Take the variable out.',
          ),
        ]
      : [
          warning(
            what,
            'ADMIN_API_KEY administers everything',
            'Make it a key of the table, which expires: breakglass key adopt',
          ),
        ];
  }
  return [
    there ? ok(what, 'in the database') : ok(what, 'none: people with the role admin administer, or nobody does'),
  ];
}

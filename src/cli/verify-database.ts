import { parseArgs } from 'node:util';
import type { HeldHead } from '../evidence/check-tree.ts';
import { openHead, tidyNote } from '../evidence/checkpoint.ts';
import type { Verifier } from '../evidence/note.ts';
import { openReading } from '../store/reading.ts';
import { type Verified, verifyHistory } from '../usecases/verify-history.ts';
import { onOneLine } from './database.ts';
import { progress } from './progress.ts';
import { exits, keysFrom, Mistake, options, textOf } from './verify-bundle.ts';

/** The database that is verified, and the keys that this machine seals with: trusted where no others are named. */
export interface Database {
  url(): string;
  trusted: readonly Verifier[];
}

/** Findings that are said one by one; the others are counted. */
const FINDINGS_SHOWN = 50;

/** `verify` without a FILE: the database that the bots use, as of now. @returns the exit code */
export async function verifyDatabaseCommand(args: readonly string[], { url, trusted }: Database): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...args], options });
    const named = values.key !== undefined || values['key-file'] !== undefined;
    const verifiers = named || trusted.length === 0 ? keysFrom(values) : trusted;
    const held = (values.checkpoint ?? []).map((file) => heldIn(file, verifiers));
    const verified = await verify(url(), verifiers, held);
    const lines = values.json ? [asJson(verified)] : verdict(verified);
    process.stdout.write(`${lines.join('\n')}\n`);
    return verified.findings.length === 0 ? exits.verified : exits.wrong;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code;
  }
}

function heldIn(file: string, verifiers: readonly Verifier[]): HeldHead {
  const head = openHead(tidyNote(textOf(file)), verifiers);
  if (head) return head;
  throw new Mistake(exits.use, `${file}: expected a checkpoint that one of the trusted keys signed.`);
}

async function verify(url: string, verifiers: readonly Verifier[], held: readonly HeldHead[]): Promise<Verified> {
  const reading = await openReading(url).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new Mistake(exits.nothing, `The database can't be read: ${onOneLine(why)}`);
  });
  let bar = progress(0, 'Verifying');
  const total = (entries: number): void => {
    bar.end();
    bar = progress(entries, 'Verifying');
  };
  try {
    return await verifyHistory(reading, { verifiers, held, progress: { total, done: (entries) => bar.step(entries) } });
  } finally {
    bar.end();
    await reading.close();
  }
}

const asJson = ({ findings, ...looked }: Verified): string =>
  JSON.stringify({ verified: findings.length === 0, findings, ...looked }, null, 2);

const counted = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${count.toLocaleString('en-US')} ${many}`;

/** What was found, in lines for a terminal. */
function verdict({ entries, checkpoints, waiting, grants, findings }: Verified): string[] {
  const looked = [
    counted(entries, 'sealed entry', 'sealed entries'),
    counted(checkpoints, 'checkpoint', 'checkpoints'),
    counted(grants, 'grant', 'grants'),
  ].join(', ');
  const summary = `Looked at: ${looked}. ${counted(waiting, 'row waits', 'rows wait')} for the next seal.`;
  if (findings.length === 0) {
    return [summary, 'Verified: everything is as it was sealed, and the tables say what the entries say.'];
  }
  const more = findings.length - FINDINGS_SHOWN;
  return [
    ...findings.slice(0, FINDINGS_SHOWN).map(onOneLine),
    ...(more > 0 ? [`and ${more} more`] : []),
    summary,
    `NOT VERIFIED: ${counted(findings.length, 'thing is', 'things are')} wrong.`,
  ];
}

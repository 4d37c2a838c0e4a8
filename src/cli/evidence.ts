import { existsSync } from 'node:fs';
import { link, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { lines } from '../config/mistakes.ts';
import { asOneWork } from '../log.ts';
import { openReading } from '../store/reading.ts';
import { type BundleMaking, type BundleOutcome, type BundleWish, makeBundle } from '../usecases/make-bundle.ts';
import { COMMAND_LINE, withDatabase } from './database.ts';
import { progress } from './progress.ts';

export const evidenceOptions = {
  grant: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  tenant: { type: 'string' },
  out: { type: 'string' },
  force: { type: 'boolean' },
} as const;

type Given = { grant?: string; from?: string; to?: string; tenant?: string; out?: string; force?: boolean };

/** What to make, and where to put it. */
export interface EvidenceOrder {
  wish: BundleWish;
  out: string;
  force: boolean;
}

/**
 * Reads what is wanted.
 * @returns a sentence where it can't be meant
 */
export function evidenceOrder(args: readonly string[]): EvidenceOrder | string {
  const { values } = parseArgs({ args: [...args], options: evidenceOptions });
  const wish = wishFrom(values);
  if (typeof wish === 'string') return wish;
  return { wish, out: path.resolve(values.out ?? nameFor(wish)), force: values.force ?? false };
}

function wishFrom({ grant, from, to, tenant }: Given): BundleWish | string {
  const window = [from, to, tenant].some((each) => each !== undefined);
  if ((grant !== undefined) === window)
    return 'evidence needs --grant ID; or --from and --to, with --tenant for one tenant.';
  if (grant !== undefined) {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(grant);
    return isId ? { grant } : '--grant: expected the id of an access, as its card and the audit trail have it.';
  }
  const [begin, end] = [momentFrom(from), momentFrom(to)];
  const example = 'a day such as 2026-01-31 (its beginning, in UTC) or a time such as 2026-01-31T09:30:00Z';
  if (begin === null) return `--from: expected ${example}.`;
  if (end === null) return `--to: expected ${example}; it is not in the window itself.`;
  if (end <= begin) return '--to: expected a time after --from.';
  return { from: begin, to: end, tenant: tenant ?? null };
}

function momentFrom(text = ''): Date | null {
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z)?$/.test(text)) return null;
  const moment = new Date(text);
  // A day that there is not, such as the 31st of a short month, reads as another one.
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text.slice(0, 10)) ? moment : null;
}

function nameFor(wish: BundleWish): string {
  if ('grant' in wish) return `evidence-${wish.grant}.zip`;
  const short = (at: Date) =>
    at
      .toISOString()
      .replace(/T00:00:00\.000Z$/, '')
      .replace(/[:]|\.000/g, '');
  const tenant = wish.tenant === null ? '' : `${wish.tenant.replace(/[^a-z0-9-]/gi, '_')}-`;
  return `evidence-${tenant}${short(wish.from)}-to-${short(wish.to)}.zip`;
}

/**
 * Makes a bundle and puts it where it is wanted, whole or not at all: it is written beside its place and moved there.
 * @returns null where there is a file already
 */
export async function exportEvidence(
  url: string,
  sealing: BundleMaking['sealing'],
  { wish, out, force }: EvidenceOrder,
  signal: AbortSignal,
): Promise<BundleOutcome | null> {
  if (!force && existsSync(out)) return null;
  const folder = await mkdtemp(path.join(path.dirname(out), '.evidence-')).catch(() => {
    throw lines([`--out: the folder ${path.dirname(out)} can't be written to.`]);
  });
  let bar = progress(0, 'Entries');
  let done = 0;
  try {
    const target = path.join(folder, 'bundle.zip');
    const outcome = await withDatabase(url, (db) =>
      asOneWork((requestId) =>
        makeBundle(
          { db, sealing, openReading: () => openReading(url) },
          { wish, actor: COMMAND_LINE, sight: null, key: null },
          {
            ...{ folder, target, signal },
            begin: (entries) => {
              bar = progress(entries, 'Entries');
            },
            step: (entries) => {
              done += entries;
              bar.step(done);
            },
          },
          requestId,
        ),
      ),
    );
    return outcome.kind !== 'made' || (await moveTo(target, out, force)) ? outcome : null;
  } finally {
    bar.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns false where somebody put a file there meanwhile */
async function moveTo(from: string, to: string, force: boolean): Promise<boolean> {
  if (force) {
    await rename(from, to);
    return true;
  }
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    await rename(from, to); // a file system without links
    return true;
  }
}

/** What came of it, in a sentence, and whether it is a success. */
export function outcomeWords(outcome: BundleOutcome | null, { out }: EvidenceOrder): { said: string; made: boolean } {
  const no = (said: string) => ({ said, made: false });
  switch (outcome?.kind) {
    case undefined:
      return no(`There is a file ${out} already. Take another name with --out, or --force to replace it.`);
    case 'made':
      return {
        said: `${out}: ${outcome.entries} entries, proven against the signed checkpoint of ${outcome.treeSize}.\nSHA-256 of its manifest: ${outcome.manifest}`,
        made: true,
      };
    case 'unknown_grant':
      return no('There is no such access.');
    case 'unknown_tenant':
    case 'tenant_needed':
      return no('There is no such tenant.');
    case 'nothing_sealed':
      return no('Nothing of it is sealed yet. A bot with AUDIT_SIGNING_KEY seals within seconds.');
    case 'unknown_key':
      return no(
        'The newest checkpoint is signed by a key that is neither AUDIT_SIGNING_KEY nor one of AUDIT_PREVIOUS_KEYS.',
      );
    case 'history_changed':
      return no(
        `No bundle was made: the history in the database is not what was signed. ${outcome.what} "breakglass verify" says more.`,
      );
  }
}

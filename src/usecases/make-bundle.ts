import type { AuditRecord } from '../domain/audit.ts';
import type { GrantId, TenantId } from '../domain/words.ts';
import type { Selection } from '../evidence/bundle.ts';
import { HistoryChanged } from '../evidence/held-against.ts';
import type { Signer, Verifier } from '../evidence/note.ts';
import { MissingHash } from '../evidence/tree-reader.ts';
import { type Writing, type Written, writeBundle } from '../evidence/write-bundle.ts';
import { keyCounts } from '../store/api-keys.ts';
import { recordAudit } from '../store/audit.ts';
import { KeyGone } from '../store/checks/outcomes.ts';
import type { Database } from '../store/database.ts';
import { readingTime, tenantByKey, tenantOf } from '../store/evidence.ts';
import type { Reading } from '../store/reading.ts';
import { findContent, newestHead, treeFor } from './bundle-content.ts';

/** What making a bundle needs from outside. */
export interface BundleMaking {
  db: Database;
  openReading: () => Promise<Reading>;
  /** What bundles are signed with, and whose signatures on the history are believed. */
  sealing: { signer: Signer; trusted: readonly Verifier[] };
}

/** What somebody wants: all about one grant, or what happened in a window of time, in one tenant (by its key) or in all. */
export type BundleWish = { grant: GrantId } | { from: Date; to: Date; tenant: string | null };

export interface BundleCommand {
  wish: BundleWish;
  /** As the audit names who asks. */
  actor: string;
  /** The tenants that they may see; null for all. */
  sight: readonly TenantId[] | null;
  /** The key that asks, looked up again before anything is handed out; null where it is no key. */
  key: string | null;
}

export type BundleOutcome =
  | ({ kind: 'made'; selection: Selection; at: Date; treeSize: number } & Written)
  /** Not there, or not to be seen: that is one answer. */
  | { kind: 'unknown_grant' }
  | { kind: 'unknown_tenant' }
  /** The wish is for everything, and they see some tenants only. */
  | { kind: 'tenant_needed' }
  /** No entry of it is sealed yet. */
  | { kind: 'nothing_sealed' }
  /** None of our keys signed the newest head. */
  | { kind: 'unknown_key' }
  /** The history in the database is not what was signed; `what` names the place. */
  | { kind: 'history_changed'; what: string };

/** Where it is written, and who is told how far it is. */
export interface BundleWriting extends Writing {
  /** Told how many entries there will be, where that is known. */
  begin?: (entries: number) => void;
}

/**
 * Makes a bundle of evidence that stands on its own (docs/evidence.md), up to the newest signed head, from one reading of
 * the database. On record before it is handed out.
 * @throws KeyGone where the key that asks was revoked meanwhile
 */
export async function makeBundle(
  making: BundleMaking,
  command: BundleCommand,
  writing: BundleWriting,
  requestId: string,
): Promise<BundleOutcome> {
  const reading = await making.openReading();
  try {
    const selection = await selectionOf(reading, command);
    if ('refused' in selection) return { kind: selection.refused };
    const made = await write(reading, making, { ...command, selection }, writing);
    if (made.kind === 'made') await record(making.db, command, made, requestId);
    return made;
  } catch (error) {
    if (error instanceof HistoryChanged || error instanceof MissingHash) {
      return { kind: 'history_changed', what: error.message };
    }
    throw error;
  } finally {
    await reading.close();
  }
}

async function selectionOf(
  reading: Reading,
  { wish, sight }: BundleCommand,
): Promise<Selection | { refused: 'unknown_grant' | 'unknown_tenant' | 'tenant_needed' }> {
  const seen = (tenant: { id: TenantId; key: string } | null) =>
    tenant !== null && (sight?.includes(tenant.id) ?? true) ? tenant : null;
  if ('grant' in wish) {
    const tenant = seen(await tenantOf(reading, wish.grant));
    return tenant ? { kind: 'grant', grant: wish.grant, tenant } : { refused: 'unknown_grant' };
  }
  const window = { kind: 'window', from: wish.from.toISOString(), to: wish.to.toISOString() } as const;
  if (wish.tenant === null) return sight === null ? { ...window, tenant: null } : { refused: 'tenant_needed' };
  const tenant = seen(await tenantByKey(reading, wish.tenant));
  return tenant ? { ...window, tenant } : { refused: 'unknown_tenant' };
}

async function write(
  reading: Reading,
  { sealing }: BundleMaking,
  { selection, actor }: BundleCommand & { selection: Selection },
  { begin, ...writing }: BundleWriting,
): Promise<BundleOutcome> {
  const newest = await newestHead(reading, treeFor(selection), sealing.trusted);
  if (typeof newest === 'string') return { kind: newest };
  const { count, ...content } = await findContent(reading, selection, newest.head, sealing.trusted);
  if (count !== null) begin?.(count);
  const at = await readingTime(reading);
  const whole = { ...content, ...newest, signer: sealing.signer, selection, made: { at, by: actor } };
  const written = await writeBundle(whole, writing);
  if (selection.kind === 'grant' && written.entries === 0) return { kind: 'nothing_sealed' };
  return { kind: 'made', selection, at, treeSize: newest.head.size, ...written };
}

function recordOf(actor: string, made: Extract<BundleOutcome, { kind: 'made' }>): AuditRecord {
  const { selection, entries, manifest, treeSize } = made;
  const window = selection.kind === 'window' ? { from: selection.from, to: selection.to } : { from: null, to: null };
  return {
    action: 'evidence.exported',
    actor,
    tenant: selection.tenant?.id ?? null,
    grant: selection.kind === 'grant' ? selection.grant : null,
    details: { ...window, entries, tree_size: treeSize, manifest_sha256: manifest },
  };
}

/** @throws KeyGone where the key was revoked meanwhile */
const record = (
  db: Database,
  { actor, key }: BundleCommand,
  made: Extract<BundleOutcome, { kind: 'made' }>,
  requestId: string,
): Promise<void> =>
  db.acrossTenants('a bundle of evidence was made', async (tx) => {
    if (key !== null && !(await keyCounts(tx, key))) throw new KeyGone('The key does not count any more.');
    await recordAudit(tx, [recordOf(actor, made)], requestId);
  });

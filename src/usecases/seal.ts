import type { SealTrouble } from '../domain/seal.ts';
import type { TenantId } from '../domain/words.ts';
import { type Head, openHead, signHead, tenantOrigin } from '../evidence/checkpoint.ts';
import { consistencyPath, extendsTree, Frontier } from '../evidence/merkle.ts';
import type { Signer, Verifier } from '../evidence/note.ts';
import { blocksFor, rootsFrom, STORED_EVERY } from '../evidence/proofs.ts';
import { recordAudit } from '../store/audit.ts';
import type { Database, Tx } from '../store/database.ts';
import {
  lockSealer,
  newestCheckpoint,
  newestOfTenants,
  readBlocks,
  rememberSealKey,
  type SealedRows,
  type StoredCheckpoint,
  type StoredNode,
  saveCheckpoints,
  saveNodes,
  sealRows,
  serverNow,
} from '../store/seal.ts';
import { type HeadToTell, tellHeads } from './tell-heads.ts';

/** The last signed head, kept where no database administrator reaches. */
export interface KeptHead {
  /** The signed note; null where none was kept yet. */
  note(): string | null;
  /** Never throws: a head that can't be kept is said in the log and costs nothing but that protection. */
  keep(note: string): Promise<void>;
}

export interface Sealing {
  db: Database;
  signer: Signer;
  /** Whose signature on what is there already is believed: our own key's, and those it replaced. */
  trusted: readonly Verifier[];
  kept: KeptHead;
  channels: () => { security: string };
}

export type Sealed =
  /** Everything that was visible is sealed: so many rows by this call. */
  | { kind: 'sealed'; rows: number; size: number }
  /** Another process is at it. */
  | { kind: 'elsewhere' }
  | { kind: 'refused'; trouble: SealTrouble };

/** Nothing of the transaction stays: what is there is not what was signed. */
class NotOurs extends Error {
  readonly trouble: SealTrouble;
  constructor(trouble: SealTrouble) {
    super(`History is not sealed on: ${trouble}.`);
    this.trouble = trouble;
  }
}

/**
 * Seals what is visible and not sealed yet, in as many transactions as it takes, each with a signed head. Business
 * transactions only insert; nothing here holds them up. Nothing is signed that does not extend the last signed head, as
 * the database has it and as it was kept outside (docs/adr/0014).
 */
export async function sealHistory(sealing: Sealing, requestId: string): Promise<Sealed> {
  let round: Round | null = null;
  let rows = 0;
  try {
    for (;;) {
      const step: Step | null = await sealing.db.acrossTenants('seal history', (tx) =>
        sealStep(tx, sealing, round, requestId),
      );
      if (step === null) return { kind: 'elsewhere' };
      if (step.note !== null) await sealing.kept.keep(step.note);
      rows += step.rows;
      round = step.round;
      if (!step.more) return { kind: 'sealed', rows, size: step.size };
    }
  } catch (error) {
    if (error instanceof NotOurs) return { kind: 'refused', trouble: error.trouble };
    throw error;
  }
}

/** One look at what is not sealed, in several transactions where it is much: how far it is. */
interface Round {
  /** Where the look began, and where the next one may. */
  from: bigint;
  next: bigint;
  after: bigint;
}

interface Step {
  rows: number;
  size: number;
  /** The newest head, to be kept. */
  note: string | null;
  more: boolean;
  round: Round;
}

/** One transaction's worth. It may be tried again after it failed, so it leaves nothing behind but what it returns. */
async function sealStep(tx: Tx, sealing: Sealing, before: Round | null, requestId: string): Promise<Step | null> {
  if (!(await lockSealer(tx))) return null;
  const newest = await newestCheckpoint(tx);
  const frontier = await whatWasSigned(tx, newest, sealing);
  const here = await serverNow(tx);
  const from = before?.from ?? beginning(newest, here);
  const found = await sealRows(tx, frontier.size, { horizon: from, after: before?.after ?? 0n });
  const round = { from, next: before?.next ?? found.horizon, after: found.last };
  const { size } = frontier;
  if (found.hashes.length === 0) return { rows: 0, size, note: newest?.note ?? null, more: false, round };
  const horizon = found.more ? round.from : round.next;
  const heads = await extend(tx, sealing, frontier, found, { horizon, server: here.server });
  if (await rememberSealKey(tx, sealing.signer.verifier.text)) {
    const details = { key: sealing.signer.verifier.text };
    const record = { action: 'seal.key_added', actor: 'system:sealer', tenant: null, grant: null, details } as const;
    await recordAudit(tx, [record], requestId);
  }
  await saveCheckpoints(tx, await tellHeads(tx, heads, sealing.channels().security, requestId));
  const [whole] = heads;
  return { rows: found.hashes.length, size: frontier.size, note: whole?.note ?? null, more: found.more, round };
}

/** Rows of transactions before this one are sealed. Numbers of another server say nothing here: then all rows are looked at. */
function beginning(newest: StoredCheckpoint | null, { server, transaction }: Here): bigint {
  if (newest === null || newest.server !== server || newest.horizon > transaction) return 0n;
  return newest.horizon;
}

type Here = Awaited<ReturnType<typeof serverNow>>;

/**
 * The tree as it was signed last, to be gone on with.
 * @throws NotOurs where the database has something else than what was signed
 */
async function whatWasSigned(tx: Tx, newest: StoredCheckpoint | null, sealing: Sealing): Promise<Frontier> {
  const { signer, trusted, kept } = sealing;
  const keptNote = kept.note();
  const keptHead = keptNote === null ? null : openHead(keptNote, trusted);
  if (keptNote !== null && keptHead === null) throw new NotOurs('kept_unreadable');
  if (newest === null) {
    if (keptHead !== null) throw new NotOurs('shorter');
    return Frontier.empty();
  }
  const frontier = signedFrontier(newest, signer.verifier.name, trusted);
  if (keptHead !== null) await refuseUnlessExtends(tx, keptHead, { size: newest.size, root: newest.root });
  return frontier;
}

/** A stored head that one of our keys signed, and that what is stored beside it leads to. */
function signedFrontier(stored: StoredCheckpoint, origin: string, trusted: readonly Verifier[]): Frontier {
  const head = openHead(stored.note, trusted);
  if (head === null) throw new NotOurs('unknown_key');
  if (head.origin !== origin) throw new NotOurs('other_log');
  const frontier = Frontier.of(stored.size, stored.peaks);
  const leadsThere = head.size === stored.size && head.root.equals(stored.root) && frontier?.root().equals(head.root);
  if (!frontier || !leadsThere) throw new NotOurs('broken');
  return frontier;
}

async function refuseUnlessExtends(tx: Tx, kept: Head, stored: Omit<Head, 'origin'>): Promise<void> {
  if (stored.size < kept.size) throw new NotOurs('shorter');
  const stretches = consistencyPath(kept.size, stored.size);
  const proof = rootsFrom(stretches, await readBlocks(tx, null, blocksFor(stretches)));
  if (proof === null || !extendsTree(kept, stored, proof)) throw new NotOurs('forked');
}

/** Extends the tree of everything and those of the tenants concerned: their nodes are saved, their new heads returned. */
async function extend(
  tx: Tx,
  { signer, trusted }: Sealing,
  frontier: Frontier,
  found: SealedRows,
  looked: Pick<HeadToTell, 'horizon' | 'server'>,
): Promise<HeadToTell[]> {
  const { name } = signer.verifier;
  const before = await newestOfTenants(
    tx,
    found.tenants.map(({ tenant }) => tenant),
  );
  const nodes: StoredNode[] = [];
  const head = (tenant: TenantId | null, tree: Frontier, hashes: readonly Buffer[], closing: boolean): HeadToTell => {
    grow(tree, hashes, tenant, nodes);
    const root = tree.root();
    const origin = tenant === null ? name : tenantOrigin(name, tenant);
    const note = signHead({ origin, size: tree.size, root }, signer);
    return { tenant, size: tree.size, root, note, peaks: [...tree.peaks], ...looked, closing };
  };
  const heads = [head(null, frontier, found.hashes, found.closing)];
  for (const { tenant, hashes, closing } of found.tenants) {
    const stored = before.get(tenant);
    const tree = stored ? signedFrontier(stored, tenantOrigin(name, tenant), trusted) : Frontier.empty();
    heads.push(head(tenant, tree, hashes, closing));
  }
  await saveNodes(tx, nodes);
  return heads;
}

function grow(tree: Frontier, hashes: readonly Buffer[], tenant: TenantId | null, nodes: StoredNode[]): void {
  for (const each of hashes) {
    tree.append(each, ({ level, index }, hash) => {
      if (level % STORED_EVERY === 0) nodes.push({ tenant, level, index, hash });
    });
  }
}

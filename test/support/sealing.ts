import { Frontier, leafHash } from '../../src/evidence/merkle.ts';
import { newSigner, readSigner, type Signer } from '../../src/evidence/note.ts';
import type { Database } from '../../src/store/database.ts';
import { type KeptHead, type Sealing, sealHistory } from '../../src/usecases/seal.ts';
import type { TestDatabase } from './database.ts';

export const LOG = 'breakglass.example.com';

export function aSigner(name = LOG): Signer {
  const signer = readSigner(newSigner(name).secret);
  if (!signer) throw new Error('A key that was just made can not be read.');
  return signer;
}

/** A head that is kept in memory. */
export function keptInMemory(note: string | null = null): KeptHead {
  let kept = note;
  return {
    note: () => kept,
    keep: async (next) => {
      kept = next;
    },
  };
}

export const aSealing = (db: Database, overrides: Partial<Sealing> = {}): Sealing => {
  const signer = overrides.signer ?? aSigner();
  return {
    ...{ db, signer, trusted: [signer.verifier], kept: keptInMemory() },
    channels: () => ({ security: 'C0SECURITY' }),
    ...overrides,
  };
};

export const seal = (sealing: Sealing) => sealHistory(sealing, 'seal');

export interface Leaf {
  leaf: number;
  id: string;
  entry: string;
  tenant: string | null;
  tenantLeaf: number | null;
  hash: Buffer;
}

/** The sealed rows in the order of the tree, as a superuser sees them. */
export const leavesOf = (db: TestDatabase): Promise<Leaf[]> =>
  db.query<Leaf & Record<string, unknown>>(
    'superuser',
    `select l.leaf::int, e.id::text, e.entry, l.tenant_id as tenant, l.tenant_leaf::int as "tenantLeaf", l.hash
       from audit_leaves l join audit_events e on e.id = l.event_id order by l.leaf`,
  );

/** The root of entries, by themselves. */
export function rootOf(entries: readonly string[]): Buffer {
  const frontier = Frontier.empty();
  for (const entry of entries) frontier.append(leafHash(entry));
  return frontier.root();
}

/** Rows of the audit, written as the bot writes them but without anything behind them. */
export async function writeRows(db: TestDatabase, count: number, tenant: string | null = null): Promise<void> {
  await db.query(
    'superuser',
    `insert into audit_events (action, actor, tenant_id, request_id, details)
     select 'access.refused', 'slack:T0HOME:U0OTIS', $2::uuid, 'rows', jsonb_build_object('n', n)
       from generate_series(1, $1::int) n`,
    [count, tenant],
  );
}

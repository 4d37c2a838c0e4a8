import type { Refusal } from '../../src/domain/refusals.ts';
import type { Administrator } from '../../src/usecases/administer.ts';
import type { Refused } from '../../src/usecases/context.ts';
import type { Office } from './office.ts';

/** Somebody who administers everything, by the name of a key that nobody can take from them. */
export const root: Administrator = { name: 'key:root', tenants: null, key: null };

export async function tenantId({ db }: Office, key: string): Promise<string> {
  const [row] = await db.query<{ id: string }>('superuser', 'select id from tenants where key = $1', [key]);
  if (!row) throw new Error(`There is no tenant ${key}.`);
  return row.id;
}

/** Somebody who administers these tenants alone. */
export const boundTo = async (at: Office, ...keys: string[]): Promise<Administrator> => ({
  name: 'key:bound',
  key: null,
  tenants: await Promise.all(keys.map((key) => tenantId(at, key))),
});

export interface Row {
  action: string;
  actor: string;
  request: string;
  details: Record<string, unknown>;
}

/** What somebody left on record, the oldest first. */
export const rowsBy = ({ db }: Office, ...actors: string[]): Promise<Row[]> =>
  db.query<Row>(
    'superuser',
    'select action, actor, request_id as request, details from audit_events where actor = any($1) order by id',
    [actors],
  );

export function done<T extends { kind: 'done' }>(outcome: T | Refused): T {
  if (outcome.kind === 'refused') throw new Error(`Refused: ${JSON.stringify(outcome.refusal)}`);
  return outcome as T;
}

export function refusalOf(outcome: { kind: 'done' } | Refused): Refusal {
  if (outcome.kind !== 'refused') throw new Error('It was not refused.');
  return (outcome as Refused).refusal;
}

/** Notices of a kind, by where they go. */
export const toldOf = async ({ db }: Office, kind: string): Promise<string[]> => {
  const rows = await db.query<{ destination: string }>(
    'superuser',
    'select destination from outbox where kind = $1 order by id',
    [kind],
  );
  return rows.map(({ destination }) => destination);
};

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Role, type TestDatabase, testDatabase } from '../support/database.ts';
import { furnished } from './furnished.ts';

/** What is sealed, and what was handed in: kept like the audit rows themselves. */
const kept: Readonly<Record<string, string>> = {
  audit_leaves: 'leaf',
  audit_nodes: 'level',
  checkpoints: 'size',
  seal_keys: 'verifier_key',
  attachments: 'title',
};

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
  await furnished(db, await db.session('app'));
  await db.query('superuser', `insert into seal_keys (verifier_key) values ('key')`);
});
afterAll(() => db.drop());

const words: Readonly<Record<Role, RegExp>> = {
  app: /permission denied/,
  owner: /rows are never changed or removed/,
  superuser: /rows are never changed or removed/,
};

describe.each(Object.entries(kept))('%s', (table, column) => {
  test.each(['app', 'owner', 'superuser'] as const)('is not changed, removed or emptied by %s', async (role) => {
    for (const statement of [
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table}`,
      `update ${table} set ${column} = ${column} where false`,
    ]) {
      await expect(db.query(role, statement), statement).rejects.toThrow(words[role]);
    }
  });

  test('is not changed by whoever looks across tenants either', async () => {
    const session = await db.session('app');
    await session.query('set role breakglass_across');
    for (const statement of [
      `update ${table} set ${column} = ${column}`,
      `delete from ${table}`,
      `truncate ${table}`,
    ]) {
      await expect(session.query(statement), statement).rejects.toThrow(/permission denied/);
    }
  });
});

test.each([
  ['a leaf twice', `insert into audit_leaves (leaf, event_id, hash) select leaf, 999, hash from audit_leaves limit 1`],
  [
    'a row as two leaves',
    `insert into audit_leaves (leaf, event_id, hash) select 999, event_id, hash from audit_leaves limit 1`,
  ],
  [
    'a number of a tenant twice',
    `insert into audit_leaves (leaf, event_id, hash, tenant_id, tenant_leaf) select 999, 999, hash, tenant_id, tenant_leaf from audit_leaves limit 1`,
  ],
  [
    'a tenant without a number',
    `insert into audit_leaves (leaf, event_id, hash, tenant_id) select 999, 999, hash, tenant_id from audit_leaves limit 1`,
  ],
  ['a hash that is none', `insert into audit_leaves (leaf, event_id, hash) values (999, 999, 'x')`],
  [
    'a stored hash of everything twice',
    `insert into audit_nodes (level, index, hash) select 8, 0, sha256('x') from generate_series(1, 2)`,
  ],
  [
    'a head of everything twice',
    `insert into checkpoints (size, root, note, frontier, horizon, server, posted) select 7, sha256('x'), 'n', '', 1, 'here', false from generate_series(1, 2)`,
  ],
  [
    'an attachment that is not what was hashed',
    `insert into attachments (grant_id, tenant_id, kind, title, content, sha256, late, added_by)
     select grant_id, tenant_id, kind, title, 'y', sha256, late, added_by from attachments limit 1`,
  ],
  [
    'an attachment that is too large',
    `insert into attachments (grant_id, tenant_id, kind, title, content, sha256, late, added_by)
     select grant_id, tenant_id, kind, title, repeat('x', 262145), sha256(repeat('x', 262145)::bytea), late, added_by from attachments limit 1`,
  ],
])('%s is refused, whoever writes it', async (_, statement) => {
  await expect(db.query('superuser', statement)).rejects.toThrow(/violates/);
});

test('the bot names no transaction of its own choice for an audit row, so that no row hides from the sealer', async () => {
  const session = await db.session('app');
  const forged = `insert into audit_events (action, actor, request_id, details, tx) values ('access.refused', 'x', 'r', '{}', 0)`;
  for (const role of ['breakglass_app', 'breakglass_across']) {
    await session.query(`set role ${role}`);
    await expect(session.query(forged), role).rejects.toThrow(/permission denied/);
  }
});

import type pg from 'pg';
import { across, activeGrant, aWorld, inScope, type World } from '../support/builders.ts';
import type { TestDatabase } from '../support/database.ts';
import { countUses } from '../support/uses.ts';

export interface Furnished extends World {
  /** An active grant of `acme`, with everything that hangs on one. */
  grant: string;
}

/** A tenant with a row in each table of tenants. */
export async function furnished(db: TestDatabase, app: pg.Client): Promise<Furnished> {
  const world = await aWorld(app);
  const grant = await activeGrant(app, world);
  await across(app, async () => {
    await app.query('insert into owners (tenant_id, person_id) values ($1, $2)', [world.acme, world.owner]);
    await app.query(
      `insert into posted_messages (grant_id, destination, tenant_id, channel, ts, version_shown) values ($1, 'C0', $2, 'C0', '1', 1)`,
      [grant, world.acme],
    );
  });
  await inScope(app, world.acme, () => hangOn(app, world, grant));
  await across(app, () => seal(app, world));
  await countUses(db, grant, ['content.read', 3, 1]);
  return { ...world, grant };
}

async function hangOn(app: pg.Client, world: World, grant: string): Promise<void> {
  await app.query(
    'insert into reviews (grant_id, tenant_id, operator_id, due_at) values ($1, $2, $3, breakglass_now())',
    [grant, world.acme, world.operator],
  );
  await app.query(
    `insert into outbox (destination, kind, tenant_id, grant_id, payload, request_id) values ('C0', 'card', $2, $1, '{}', 'r')`,
    [grant, world.acme],
  );
  await app.query(
    `insert into audit_events (action, actor, tenant_id, grant_id, request_id, details) values ('a', 'b', $2, $1, 'c', '{}')`,
    [grant, world.acme],
  );
  await app.query(
    `insert into attachments (grant_id, tenant_id, kind, title, content, sha256, late, added_by)
     values ($1, $2, 'note', 'What was done', 'x', sha256('x'), false, 'b')`,
    [grant, world.acme],
  );
  await app.query('insert into volume_alerts (grant_id, tenant_id, uses) values ($1, $2, 3)', [grant, world.acme]);
}

/** The last row of the tenant as a leaf, with all that stands above it. */
async function seal(app: pg.Client, world: World): Promise<void> {
  await app.query(
    `insert into audit_leaves (leaf, event_id, hash, tenant_id, tenant_leaf)
     select id, id, sha256(convert_to(entry, 'UTF8')), tenant_id, 0 from audit_events
      where tenant_id = $1 order by id desc limit 1`,
    [world.acme],
  );
  await app.query(`insert into audit_nodes (tenant_id, level, index, hash) values ($1, 8, 0, sha256('x'))`, [
    world.acme,
  ]);
  await app.query(
    `insert into checkpoints (tenant_id, size, root, note, frontier, horizon, server, posted)
     values ($1, 1, sha256('x'), 'note', sha256('x'), 1, 'here', false)`,
    [world.acme],
  );
}

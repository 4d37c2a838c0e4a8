import type { Database, Tx } from './database.ts';
import { migrationsList } from './migrations/engine.ts';

interface Rights {
  superuser: boolean;
  bypassrls: boolean;
  owns: boolean;
  sees_all: boolean;
  answers_all: boolean;
  backs_up: boolean;
  is_app: boolean;
  migrated: boolean;
}

/**
 * Why the bot must not run on this database with this role; empty when all is well. A role that could go around
 * row-level security or change the audit would make both a matter of good behaviour, so what the role may become counts
 * as what it is, and so does the role that signed in where another one was set for its sessions.
 */
export async function reasonsNotToStart(db: Database): Promise<string[]> {
  return db.inTenant('00000000-0000-0000-0000-000000000000', async (tx) => {
    const [rights] = await tx.$queryRaw<Rights[]>`
      with us as (select oid from pg_roles where rolname in (current_user, session_user)),
        may_become as (select r.* from us, pg_roles r where pg_has_role(us.oid, r.oid, 'member'))
      select bool_or(rolsuper) as superuser, bool_or(rolbypassrls) as bypassrls,
        exists (select from pg_class c, may_become m where c.relowner = m.oid
                 and c.relname in ('grants', 'audit_events') and c.relnamespace = 'public'::regnamespace) as owns,
        exists (select from us, pg_roles a where a.rolname = 'breakglass_across' and pg_has_role(us.oid, a.oid, 'usage')) as sees_all,
        exists (select from us, pg_roles a where a.rolname = 'breakglass_check' and pg_has_role(us.oid, a.oid, 'usage')) as answers_all,
        exists (select from us, pg_roles a where a.rolname = 'breakglass_backup' and pg_has_role(us.oid, a.oid, 'usage')) as backs_up,
        exists (select from us, pg_roles a where a.rolname = 'breakglass_app' and pg_has_role(us.oid, a.oid, 'usage')) as is_app,
        to_regclass('public._prisma_migrations') is not null as migrated
      from may_become`;
    const role = 'DATABASE_URL: the role must be breakglass_app or a member of it';
    const tooStrong = [
      ...(rights?.superuser ? [`${role}, and this one is or may become a superuser.`] : []),
      ...(rights?.bypassrls ? [`${role}, and this one goes around row-level security (BYPASSRLS).`] : []),
      ...(rights?.owns ? [`${role}, and this one owns the tables. The owner belongs in MIGRATE_DATABASE_URL.`] : []),
      ...(rights?.sees_all
        ? [`${role}, and this one sees every tenant all the time: it inherits breakglass_across.`]
        : []),
      ...(rights?.answers_all
        ? [`${role}, and this one sees the grants of every tenant all the time: it inherits breakglass_check.`]
        : []),
      ...(rights?.backs_up
        ? [`${role}, and this one sees every tenant all the time: it inherits breakglass_backup.`]
        : []),
    ];
    if (tooStrong.length > 0) return tooStrong;
    if (rights?.migrated && !rights.is_app)
      return [`${role}, and this one is not, or does not inherit it (NOINHERIT).`];
    return rights?.migrated ? whyNotThisSchema(tx) : [BEHIND];
  });
}

const BEHIND = 'The database is not up to date. Run: breakglass migrate';

/**
 * A bot needs every migration that it knows. Those that it does not know are of a newer version, and do not matter to it
 * unless one of them took away what it uses: that one says so in `compatible_since()` (docs/upgrade.md).
 */
async function whyNotThisSchema(tx: Tx): Promise<string[]> {
  const known = migrationsList().migrationDirectories.map(({ path }) => path);
  const applied = await tx.$queryRaw<
    { name: string }[]
  >`select migration_name as name from _prisma_migrations where finished_at is not null`;
  const done = new Set(applied.map(({ name }) => name));
  if (known.some((name) => !done.has(name))) return [BEHIND];
  const [row] = await tx.$queryRaw<{ since: string }[]>`select compatible_since() as since`;
  const since = String(row?.since);
  if (known.includes(since)) return [];
  return [`The database is of a newer version than this one can work on (since ${since}). Start the newer version.`];
}

/** Can this database be written to? A standby, or one that was set to read-only, answers every question and takes no decision. */
export async function takesWrites(tx: Tx): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ read_only: boolean }[]>`
    select current_setting('transaction_read_only')::boolean as read_only`;
  return row?.read_only === false;
}

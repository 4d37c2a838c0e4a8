import type { Database } from './database.ts';
import { migrationsList } from './migrations/engine.ts';

interface Rights {
  superuser: boolean;
  bypassrls: boolean;
  owns: boolean;
  may_become_across: boolean;
}

/**
 * Why the bot must not run on this database with this role; empty when all is well. A role that could go around
 * row-level security or change the audit would make both a matter of good behaviour.
 */
export async function reasonsNotToStart(db: Database): Promise<string[]> {
  return db.inTenant('00000000-0000-0000-0000-000000000000', async (tx) => {
    const [rights] = await tx.$queryRaw<Rights[]>`
      select r.rolsuper as superuser, r.rolbypassrls as bypassrls,
        exists (select from pg_class c where c.relname in ('grants', 'audit_events') and c.relnamespace = 'public'::regnamespace
                 and pg_has_role(c.relowner, 'usage')) as owns,
        exists (select from pg_roles a where a.rolname = 'breakglass_across' and pg_has_role(a.oid, 'member')) as may_become_across
      from pg_roles r where r.rolname = current_user`;
    const [known] = await tx.$queryRaw<{ readable: boolean }[]>`
      select coalesce(has_table_privilege(to_regclass('public._prisma_migrations'), 'select'), false) as readable`;
    const applied = known?.readable
      ? await tx.$queryRaw<
          { name: string }[]
        >`select migration_name as name from _prisma_migrations where finished_at is not null`
      : [];
    const done = new Set(applied.map(({ name }) => name));
    const missing = migrationsList().migrationDirectories.filter(({ path }) => !done.has(path));
    const role = 'DATABASE_URL: the role must be breakglass_app or a member of it';
    return [
      ...(rights?.superuser ? [`${role}, and this one is a superuser.`] : []),
      ...(rights?.bypassrls ? [`${role}, and this one goes around row-level security (BYPASSRLS).`] : []),
      ...(rights?.owns ? [`${role}, and this one owns the tables. The owner belongs in MIGRATE_DATABASE_URL.`] : []),
      ...(missing.length > 0
        ? ['The database is not up to date. Run: breakglass migrate']
        : rights?.may_become_across
          ? []
          : [`${role}, and this one is not.`]),
    ];
  });
}

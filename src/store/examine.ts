import type { Tx } from './database.ts';

/** The server as the bot's sessions find it, and what the bot's role may beside its work: for whoever looks after them. */
export interface Examined {
  /** By the rules' clock (ms since 1970). */
  nowMs: number;
  version: string;
  versionNumber: number;
  fsync: boolean;
  fullPageWrites: boolean;
  /** As the server has it; the bot's own sessions say `on` by themselves. */
  synchronousCommit: string;
  role: string;
  /** What the role could do to others, or to the audit: each a word. */
  excess: string[];
}

/**
 * What `reasonsNotToStart` does not refuse, and somebody should still know. Across tenants or not, the same: nothing of a
 * tenant is read. The role is the one that signed in, whatever the transaction became.
 */
export async function examineServer(tx: Tx): Promise<Examined> {
  const [row] = await tx.$queryRaw<(Omit<Examined, 'excess'> & Record<string, unknown>)[]>`
    select extract(epoch from breakglass_now())::float8 * 1000 as "nowMs",
      current_setting('server_version') as version, current_setting('server_version_num')::int as "versionNumber",
      current_setting('fsync')::boolean as fsync, current_setting('full_page_writes')::boolean as "fullPageWrites",
      (select coalesce(reset_val, setting) from pg_settings where name = 'synchronous_commit') as "synchronousCommit",
      session_user::text as role,
      r.rolcreaterole as creates_roles, r.rolcreatedb as creates_databases, r.rolreplication as replicates,
      has_table_privilege(session_user, 'audit_events', 'update') or has_table_privilege(session_user, 'audit_events', 'delete')
        or has_table_privilege(session_user, 'audit_events', 'truncate') or has_any_column_privilege(session_user, 'audit_events', 'update')
        as changes_audit,
      has_schema_privilege(session_user, 'public', 'create') as makes_tables
    from pg_roles r where r.rolname = session_user`;
  if (!row) throw new Error('The server did not say who we are.');
  const { creates_roles, creates_databases, replicates, changes_audit, makes_tables, ...rest } = row;
  const excess = Object.entries({
    'may make roles (CREATEROLE)': creates_roles,
    'may make databases (CREATEDB)': creates_databases,
    'may copy the whole server (REPLICATION)': replicates,
    'may change or remove audit rows': changes_audit,
    'may make tables in the schema public': makes_tables,
  });
  return { ...rest, excess: excess.filter(([, has]) => has === true).map(([what]) => what) };
}

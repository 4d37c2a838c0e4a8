import type { TestDatabase } from '../support/database.ts';

/** Each part of the snapshot: a heading, and a statement whose rows are its lines. */
const parts: { heading: string; lines: string }[] = [
  {
    heading: 'columns',
    lines: `select format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                     case when a.attnotnull then ' not null' end, ' default ' || pg_get_expr(d.adbin, d.adrelid))
              from ours c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
              left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
             where c.relkind in ('r', 'p', 'v', 'm')`,
  },
  {
    heading: 'constraints',
    // Not-null ones are with the columns: PostgreSQL lists them here from version 18 on.
    lines: `select format('%s: %s %s', c.relname, k.conname, pg_get_constraintdef(k.oid, true))
              from pg_constraint k join ours c on c.oid = k.conrelid where k.contype not in ('n', 't')`,
  },
  {
    heading: 'indexes',
    lines: `select pg_get_indexdef(i.indexrelid) from pg_index i join ours c on c.oid = i.indrelid`,
  },
  {
    heading: 'triggers',
    lines: `select format('%s%s', pg_get_triggerdef(t.oid, true), case t.tgenabled when 'O' then '' else format(' (%s)', t.tgenabled) end)
              from pg_trigger t join ours c on c.oid = t.tgrelid where not t.tgisinternal`,
  },
  {
    heading: 'row-level security',
    lines: `select format('%s: %s', relname, case when relrowsecurity and relforcerowsecurity then 'forced'
                     when relrowsecurity then 'on, not for its owner' else 'off' end) from ours where relkind in ('r', 'p')`,
  },
  {
    heading: 'policies',
    lines: `select format('%s: %s %s for %s to %s%s%s', tablename, policyname, lower(permissive), lower(cmd),
                     array_to_string(roles, ', '), ' using ' || qual, ' with check ' || with_check)
              from pg_policies where schemaname = 'public'`,
  },
  {
    heading: 'privileges (beside the owner)',
    lines: `select format('%s on %s %s to %s', string_agg(lower(privilege), ', ' order by privilege), kind, name, who)
              from (select 'table' as kind, relname::text as name, (aclexplode(relacl)).* from ours where relkind in ('r', 'p', 'v', 'm')
                    union all select 'sequence', relname, (aclexplode(relacl)).* from ours where relkind = 'S'
                    union all select 'function', oid::regprocedure::text, (aclexplode(coalesce(proacl, acldefault('f', proowner)))).*
                      from pg_proc where pronamespace = 'public'::regnamespace
                    union all select 'schema', nspname, (aclexplode(nspacl)).* from pg_namespace where nspname = 'public') acl
              cross join lateral (select privilege_type || case when is_grantable then ' (grantable)' else '' end as privilege,
                     case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end as who) named
             where who not in ('breakglass_owner', 'pg_database_owner')
             group by kind, name, who`,
  },
  {
    heading: 'privileges on columns',
    lines: `select format('%s (%s) on %s to %s', lower(privilege_type), string_agg(attname, ', ' order by attname), relname, grantee)
              from (select c.relname, a.attname::text, (aclexplode(a.attacl)).privilege_type,
                           (aclexplode(a.attacl)).grantee::regrole::text as grantee
                      from ours c join pg_attribute a on a.attrelid = c.oid and a.attacl is not null and not a.attisdropped) acl
             group by privilege_type, relname, grantee`,
  },
  {
    heading: 'privileges on what comes later',
    lines: `select format('%s on %s to %s', string_agg(lower(privilege_type), ', ' order by privilege_type),
                     case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' else defaclobjtype::text end, grantee)
              from (select defaclobjtype, (aclexplode(defaclacl)).privilege_type,
                           (aclexplode(defaclacl)).grantee::regrole::text as grantee
                      from pg_default_acl where defaclnamespace = 'public'::regnamespace) acl
             group by defaclobjtype, grantee`,
  },
  {
    heading: 'roles',
    lines: `select format('%s: %s%s', r.rolname, concat_ws(' ', case when r.rolinherit then 'inherit' else 'noinherit' end,
                     case when r.rolsuper then 'superuser' end, case when r.rolbypassrls then 'bypassrls' end,
                     case when r.rolcreaterole then 'createrole' end, case when r.rolcreatedb then 'createdb' end,
                     case when r.rolreplication then 'replication' end),
                     (select ', may become ' || string_agg(b.rolname, ', ' order by b.rolname) from pg_roles b
                       where b.oid <> r.oid and pg_has_role(r.oid, b.oid, 'member')))
              from pg_roles r where r.rolname in ('breakglass_app', 'breakglass_across', 'breakglass_backup', 'breakglass_check')`,
  },
  {
    heading: 'functions',
    lines: `select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'`,
  },
];

/**
 * What the migrations make of a database beside Prisma's schema, as sorted text: two databases with the same text hold
 * the same rules. `_prisma_migrations` is the engine's own.
 */
export async function catalogOf(db: TestDatabase): Promise<string> {
  const sections: string[] = [];
  for (const { heading, lines } of parts) {
    const rows = await db.query<{ line: string }>(
      'superuser',
      `with ours as (select * from pg_class where relnamespace = 'public'::regnamespace and relname not like '\\_prisma\\_%')
       select line from (${lines}) as found (line) order by line collate "C"`,
    );
    sections.push([`== ${heading}`, ...rows.map(({ line }) => line.trimEnd())].join('\n'));
  }
  return `${sections.join('\n\n')}\n`;
}

import type { TestDatabase } from '../support/database.ts';

/** What belongs to no tenant. A new table is a tenant's unless it is named here, with the reason. */
const ofNobody: Readonly<Record<string, string>> = {
  people: 'a person may act for many tenants',
  identities: 'a person may act for many tenants',
  policies: 'the configuration is about the whole installation',
  policy_epochs: 'the configuration is about the whole installation',
  handled_requests: 'keyed by who acted; says only which grant came of it',
  lanes: 'a channel may serve many tenants; holds no message',
  schedules: 'the clock is one',
  api_keys: 'a key may be bound to many tenants; nobody reads one within a tenant',
  sign_ins: 'who signs in is a person; nobody reads one within a tenant',
  seal_keys: 'the public halves of the keys that sealed the history of all',
  _prisma_migrations: "the migration engine's",
};

export interface Table {
  name: string;
  /** The column that says whose row it is. */
  key: string;
  columns: string[];
}

/** Every table with rows of tenants, from the catalog: a new one is found without being listed anywhere. */
export const tenantTables = (db: TestDatabase): Promise<Table[]> => relationsOf(db, ['r', 'p']);

/** All that rows of tenants can be read from: the same, and views of every sort. */
export const whereTenantsAreRead = (db: TestDatabase): Promise<Table[]> => relationsOf(db, ['r', 'p', 'v', 'm', 'f']);

async function relationsOf(db: TestDatabase, kinds: readonly string[]): Promise<Table[]> {
  const found = await db.query<{ name: string; columns: string[] }>(
    'superuser',
    `select c.relname::text as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind = any ($1) group by 1 order by 1`,
    [kinds],
  );
  return found
    .filter(({ name }) => ofNobody[name] === undefined)
    .map(({ name, columns }) => {
      const key = name === 'tenants' ? 'id' : 'tenant_id';
      if (!columns.includes(key)) throw new Error(`${name} says neither whose its rows are nor why they are nobody's.`);
      return { name, columns, key };
    });
}

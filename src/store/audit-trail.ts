import { subjectName } from '../domain/check.ts';
import { actionsOf, type TrailEntry, type TrailFilter } from '../domain/trail.ts';
import type { Kind, PersonId, TenantId } from '../domain/words.ts';
import type { Tx } from './database.ts';
import { Prisma } from './generated/client.ts';

/** Whose rows are looked at; null: everybody's, and those of none. Row-level security holds a single tenant's beside this. */
export type Sight = readonly TenantId[] | null;

/** Rows by their numbers: those after `after`, up to and with `upTo`. */
export interface Stretch {
  after: bigint;
  upTo: bigint;
}

/** A filter whose person has been looked up. */
export type Sought = Omit<TrailFilter, 'person'> & { person: Somebody | null };

/** Everything that the audit calls one person or thing by. */
export interface Somebody {
  names: readonly string[];
  id: PersonId | null;
}

/** Rows of one moment may be numbered in another order than their times: by less than this (seconds). */
const SLACK_SECONDS = 30;

/**
 * The numbers of the rows of a window; those of its ends and a few beside them. Across tenants.
 * @param settled the last row that is looked at anyway
 */
export async function stretchOf(
  tx: Tx,
  { from, to }: Pick<TrailFilter, 'from' | 'to'>,
  settled: bigint,
): Promise<Stretch> {
  const [row] = await tx.$queryRaw<{ first: bigint | null; last: bigint | null }[]>`
    select (select id from audit_events where at >= ${from}::timestamptz - make_interval(secs => ${SLACK_SECONDS}) order by at limit 1) as first,
           (select id from audit_events where at < ${to}::timestamptz + make_interval(secs => ${SLACK_SECONDS}) order by at desc limit 1) as last`;
  const after = from === null ? 0n : row?.first == null ? settled : row.first - 1n;
  const last = to === null ? settled : (row?.last ?? 0n);
  return { after, upTo: last < settled ? last : settled };
}

/** The number of the newest row that can be seen; 0 where there is none. */
export async function newestRow(tx: Tx): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ id: bigint | null }[]>`select max(id) as id from audit_events`;
  return row?.id ?? 0n;
}

/** Writers are waited for so often, and so long each time (seconds). */
const patience = { times: 40, seconds: 0.025 };
/** A row this old has no other on its way before it: no transaction of ours lasts as long (seconds). */
const SURELY_SETTLED_SECONDS = 120;

/**
 * The newest row that none will ever come before: who reads up to it and goes on behind it misses nothing. Rows get their
 * numbers before they can be seen, so whoever was adding one when the newest was looked up has to be done.
 */
export async function settledRow(tx: Tx): Promise<bigint> {
  const newest = await newestRow(tx);
  let writers = await writersNow(tx);
  for (let times = 0; writers.length > 0 && times < patience.times; times += 1) {
    await tx.$queryRaw`select pg_sleep(${patience.seconds})::text`;
    const still = new Set(await writersNow(tx));
    writers = writers.filter((each) => still.has(each));
  }
  if (writers.length === 0) return newest;
  const [old] = await tx.$queryRaw<{ id: bigint }[]>`
    select id from audit_events where at < breakglass_now() - make_interval(secs => ${SURELY_SETTLED_SECONDS}) order by at desc limit 1`;
  return old?.id ?? 0n;
}

/** The transactions of others that are adding rows: each holds this lock until its end. */
async function writersNow(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ writer: string }[]>`
    select distinct virtualtransaction as writer from pg_locks
     where relation = 'public.audit_events'::regclass and mode = 'RowExclusiveLock' and pid is distinct from pg_backend_pid()
       and database = (select oid from pg_database where datname = current_database())`;
  return rows.map(({ writer }) => writer);
}

/** Who is called so: every name of that person, or the name itself where nobody is known by it. */
export async function somebodyNamed(tx: Tx, name: string): Promise<Somebody> {
  const { provider, issuer, externalId } = subjectName(name, null) ?? { provider: '', issuer: '', externalId: '' };
  const rows = await tx.$queryRaw<{ id: PersonId; name: string }[]>`
    select o.person_id as id, case o.provider when 'slack' then 'slack:' || o.issuer || ':' || o.external_id
                                              else 'oidc:' || o.issuer || '#' || o.external_id end as name
      from identities i join identities o on o.person_id = i.person_id
     where i.provider = ${provider} and i.issuer = ${issuer} and i.external_id = ${externalId}`;
  return { names: [...new Set([name, ...rows.map((row) => row.name)])], id: rows[0]?.id ?? null };
}

export interface Looked {
  /** In the order in which was looked. */
  rows: TrailEntry[];
  /** What is left to look at; null where nothing is. */
  rest: Stretch | null;
  /** The time of the last row that was looked at, where it was not one that is found. */
  reached: Date | null;
}

export interface LookOptions {
  sight: Sight;
  sought: Sought;
  order: 'newest first' | 'oldest first';
  /** Rows that are found, at most; and rows that are looked at to find them, so that no statement takes long. */
  most: number;
  looks: number;
}

/** Looks through part of a stretch. What comes back is bounded, and so is what it takes. */
export async function lookThrough(tx: Tx, stretch: Stretch, options: LookOptions): Promise<Looked> {
  const edge = findsEach(options) ? null : await edgeOf(tx, stretch, options);
  const newest = options.order === 'newest first';
  const looked = edge === null ? stretch : newest ? { ...stretch, after: edge.id - 1n } : { ...stretch, upTo: edge.id };
  const found = await rowsIn(tx, looked, options);
  const last = found.at(-1);
  const full = found.length === options.most && last !== undefined;
  const until = full ? BigInt(last.id) : edge?.id;
  if (until === undefined) return { rows: found, rest: null, reached: null };
  const rest = newest ? { ...stretch, upTo: until - 1n } : { ...stretch, after: until };
  return { rows: found, rest: rest.after < rest.upTo ? rest : null, reached: full ? null : (edge?.at ?? null) };
}

/** Every row of the stretch is one that is sought, but for a few at its ends: no look is in vain. */
const findsEach = ({ sight, sought }: LookOptions): boolean =>
  (sight === null || sight.length === 1) && !sought.person && !sought.actions && !sought.kind;

/** The last row that this look comes to, counted along the index alone; null where it comes to the end of the stretch. */
async function edgeOf(tx: Tx, stretch: Stretch, { sight, order, looks }: LookOptions) {
  const [row] = await tx.$queryRaw<{ id: bigint; at: Date }[]>`
    select edge.id, edge.at from audit_events edge where edge.id = (
      select e.id from audit_events e where ${along(stretch, sight)} ${inOrder(sight, order)} offset ${looks - 1} limit 1)`;
  return row ?? null;
}

/**
 * The stretch of the index that a look goes along, named by both ends: asked for one tenant's newest rows, PostgreSQL may
 * walk back through everybody's instead, which is a long way to the last of a tenant that has been quiet.
 */
function along({ after, upTo }: Stretch, sight: Sight): Prisma.Sql {
  const [only, ...others] = sight ?? [];
  if (only !== undefined && others.length === 0) {
    return Prisma.sql`(e.tenant_id, e.id) > (${only}::uuid, ${after}::bigint) and (e.tenant_id, e.id) <= (${only}::uuid, ${upTo}::bigint)`;
  }
  return Prisma.sql`e.id > ${after}::bigint and e.id <= ${upTo}::bigint`;
}

function inOrder(sight: Sight, order: LookOptions['order']): Prisma.Sql {
  const direction = order === 'newest first' ? Prisma.sql`desc` : Prisma.sql`asc`;
  return sight?.length === 1
    ? Prisma.sql`order by e.tenant_id ${direction}, e.id ${direction}`
    : Prisma.sql`order by e.id ${direction}`;
}

/** What belongs to a row beside itself is looked up for those that are found, not for those that are looked at. */
const rowsIn = (tx: Tx, stretch: Stretch, { sight, sought, order, most }: LookOptions) => tx.$queryRaw<TrailEntry[]>`
  select e.id::text, e.at, e.action, e.actor, e.details, t.key as tenant, e.tenant_id as "tenantId", e.grant_id as grant, g.scope,
    'slack:' || i.issuer || ':' || i.external_id as requester, e.request_id as "requestId", e.entry
    from (select e.* from audit_events e
           where ${along(stretch, sight)} and ${Prisma.join(conditions(sight, sought), ' and ')}
           ${inOrder(sight, order)} limit ${most}) e
    left join tenants t on t.id = e.tenant_id
    left join grants g on g.id = e.grant_id
    left join identities i on i.person_id = g.requester_id and i.provider = 'slack'
   ${inOrder(null, order)}`;

function conditions(sight: Sight, { from, to, person, actions, kind }: Sought): Prisma.Sql[] {
  return [
    // A single tenant is said by the stretch already.
    sight === null || sight.length === 1 ? Prisma.sql`true` : Prisma.sql`e.tenant_id = any (${sight}::uuid[])`,
    ...(from ? [Prisma.sql`e.at >= ${from}`] : []),
    ...(to ? [Prisma.sql`e.at < ${to}`] : []),
    ...(actions ? [Prisma.sql`e.action = any (${actions})`] : []),
    ...(kind ? [isOfKind(kind)] : []),
    ...(person ? [isAbout(person)] : []),
  ];
}

/** By its action, or by the grant it is about. */
const isOfKind = (kind: Kind): Prisma.Sql =>
  Prisma.sql`(e.action = any (${actionsOf(kind)}) or exists (select from grants k where k.id = e.grant_id and k.kind = ${kind}::kind))`;

/** Who did it, or whom it is about: by name in its details, or as the one who asked for the grant. */
function isAbout({ names, id }: Somebody): Prisma.Sql {
  const named = ['subject', 'requester', 'operator'].map(
    (member) => Prisma.sql`e.details ->> ${member} = any (${names})`,
  );
  const known =
    id === null
      ? []
      : [
          Prisma.sql`e.details ->> 'person' = ${id}`,
          Prisma.sql`e.grant_id in (select o.id from grants o where o.requester_id = ${id}::uuid)`,
        ];
  return Prisma.sql`(e.actor = any (${names}) or ${Prisma.join([...named, ...known], ' or ')})`;
}

import type pg from 'pg';
import { defaultActions, defaultScopes } from '../../src/config/catalogue.ts';
import type { ActionRule } from '../../src/domain/check.ts';
import { kindOf, type Scope } from '../../src/domain/words.ts';
import { onRecord } from '../../src/http/door.ts';
import type { Authenticate } from '../../src/http/identity/caller.ts';
import { byKey } from '../../src/http/identity/keys.ts';
import { type WrongTries, wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { type ApiServer, type Network, startApi } from '../../src/http/server.ts';
import { type Checks, openChecks } from '../../src/store/checks/open.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { openReading } from '../../src/store/reading.ts';
import { createKey, type KeyWish } from '../../src/usecases/api-keys.ts';
import { bundleDesk } from '../../src/usecases/bundle-desk.ts';
import type { Context, InForce } from '../../src/usecases/context.ts';
import type { BundleMaking } from '../../src/usecases/make-bundle.ts';
import { refusalLog } from '../../src/usecases/refusal-log.ts';
import { activate, aPerson, approveLeg, aWorld, inScope, insertGrant, type World } from './builders.ts';
import { type TestDatabase, testDatabase } from './database.ts';

/** The API on a database of its own, without Slack and without a clock: grants are rows made by hand. */
export interface TestApi {
  db: TestDatabase;
  /** The bot's role, for rows made by hand. */
  session: pg.Client;
  url: string;
  checks: Checks;
  /** Two tenants, and `slack:T0HOME:U0OLIVIA` as the operator. */
  world: World & { acmeKey: string; globexKey: string };
  /** What went wrong here, as the log is told. */
  troubles: readonly Record<string, string>[];
  /** What stands behind /v1. */
  context: Context;
  /** The policy it decides by; a test may change it. */
  inForce: InForce;
  /** Grants that answers were about, one after the other. */
  used: string[];
  key(wish?: Partial<KeyWish>): Promise<string>;
  /** Posts a body as a key; a text is sent as it is. */
  post(path: string, key: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Asks for something of /v1 as a key. */
  get(path: string, key: string, headers?: Record<string, string>): Promise<Response>;
  stop(): Promise<void>;
}

export const OLIVIA = 'slack:T0HOME:U0OLIVIA';
export const everything = { tenants: null, subjects: null, actions: null, defaultTenant: null } as const;
export const ISSUER = 'https://id.example.com';

export interface TestApiOptions {
  actions?: Record<string, ActionRule>;
  /** Where checks find their database, instead of directly. */
  databaseUrl?: (direct: string) => string;
  publicUrl?: string | null;
  /** What bundles of evidence are signed with; null where history is not sealed. */
  sealing?: BundleMaking['sealing'] | null;
  /** Who comes in; keys alone unless given. */
  authenticate?: (db: Database, checks: Checks) => Authenticate;
  /** How often somebody may show a wrong key; as often as a test likes, unless given. */
  tries?: WrongTries;
  /** How it is reached; plainly, unless given. */
  network?: Network;
  /** A clone on the common server unless given; dropped at the end. */
  db?: TestDatabase;
}

export async function startTestApi({
  actions = {},
  databaseUrl = (url) => url,
  publicUrl = null,
  sealing = null,
  authenticate,
  tries = wrongTries(1_000_000),
  network = {},
  db: given,
}: TestApiOptions = {}): Promise<TestApi> {
  const db = given ?? (await testDatabase());
  const session = await db.session('app');
  const world = await worldOf(db, session);
  const inForce = await policyOf(db, world.policy, { ...defaultActions, ...actions });
  const troubles: Record<string, string>[] = [];
  const trouble = {
    outage: (error: Error) => void troubles.push({ outage: error.name }),
    defect: (error: Error) => void troubles.push({ defect: error.message }),
  };
  const database: Database = openDatabase({ url: db.url('app'), connections: 2 });
  const checks = openChecks({ url: databaseUrl(db.url('app')) });
  const refusals = refusalLog(database, (error) => trouble.defect(error as Error));
  const context: Context = { db: database, inForce: () => inForce, refusals };
  const bundles = bundleDesk(sealing && { db: database, sealing, openReading: () => openReading(db.url('app')) });
  const used: string[] = [];
  const desk = {
    checks,
    inForce: () => inForce,
    defaultIssuer: ISSUER,
    used: (ids: readonly string[]) => void used.push(...ids),
  };
  const api: ApiServer = await startApi(
    {
      ...{ health: { notReady: async () => [] }, desk, publicUrl, trouble, network },
      door: { authenticate: authenticate?.(database, checks) ?? byKey(checks), tries, refused: onRecord(refusals) },
      metering: { request: () => {}, scrape: async () => ({ type: 'text/plain', text: 'breakglass_up 1\n' }) },
      v1: {
        context,
        bundles,
        directMessage: ({ name }) => name.split(':').at(-1) ?? name,
        groupMembers: async () => ({}),
      },
    },
    { port: 0, host: '127.0.0.1' },
  );
  const url = `http://127.0.0.1:${api.port}`;
  let keys = 0;
  return {
    ...{ db, session, url, checks, world, context, inForce, used, troubles },
    key: async (wish = {}) => {
      keys += 1;
      const whole = {
        name: `key-${keys}`,
        role: 'service' as const,
        ...everything,
        days: 1,
        perSecond: 1_000_000,
        ...wish,
      };
      const made = await createKey(database, whole, 'system:test', 'a-test');
      if (made.kind !== 'made') throw new Error(`No key: ${made.kind}`);
      return made.key;
    },
    post: (path, key, body, headers = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    get: (path, key, headers = {}) =>
      fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}`, ...headers } }),
    stop: async () => {
      await api.stop();
      await refusals.flush();
      await checks.close();
      await database.close();
      await db.drop();
    },
  };
}

async function worldOf(db: TestDatabase, session: pg.Client): Promise<TestApi['world']> {
  const world = { ...(await aWorld(session)), operator: await aPerson(session, 'U0OLIVIA') };
  const rows = await db.query<{ id: string; key: string }>('superuser', 'select id, key from tenants');
  const keyOf = (id: string) => rows.find((row) => row.id === id)?.key ?? '';
  return { ...world, acmeKey: keyOf(world.acme), globexKey: keyOf(world.globex) };
}

async function policyOf(db: TestDatabase, hash: string, actions: Record<string, ActionRule>): Promise<InForce> {
  const [row] = await db.query<{ epoch: number }>(
    'superuser',
    'insert into policy_epochs (hash) values ($1) returning epoch',
    [hash],
  );
  return {
    epoch: row?.epoch ?? 0,
    channels: { security: 'C0SECURITY', ops: 'C0OPS' },
    file: { team: 'T0HOME', tenants: new Set<string>(), digest: null, deadAfterMinutes: 4_320 },
    policy: { hash, ticketPattern: /./, scopes: defaultScopes, actions },
  };
}

/** A question as a content service would ask it. */
export const question = (
  tenant: string,
  { subject = OLIVIA, action = 'content.read', id = 'doc-1' }: { subject?: string; action?: string; id?: string } = {},
) => ({
  subject: { type: 'user', id: subject },
  action: { name: action },
  resource: { type: 'document', id, properties: { tenant } },
});

const legsOf: Readonly<Record<Scope, readonly string[]>> = {
  content_access: ['owner', 'security'],
  create_platform_owner: ['owner', 'security'],
  reset_admin_password: ['owner', 'security'],
  reenable_admin: ['owner', 'security'],
  audit_view: [],
  workspace_recovery: ['owner'],
};

/** An active grant of any scope, committed; the operator and the tenant are the world's. */
export async function grantOf(session: pg.Client, world: World, scope: Scope): Promise<string> {
  const legs = legsOf[scope];
  const kind = kindOf(scope);
  const circumstance = kind === 'break_glass' ? 'critical_incident' : null;
  return inScope(session, world.acme, async () => {
    const grant = await insertGrant(session, world, { kind, scope, circumstance, required_legs: legs });
    for (const leg of legs) await approveLeg(session, grant, leg, leg === 'owner' ? world.owner : world.security);
    await activate(session, grant);
    return grant;
  });
}

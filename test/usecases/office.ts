import { onTestFinished } from 'vitest';
import { cast, configuration, type Player, workspace } from '../../sandbox/cast.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import type { Actor } from '../../src/domain/people.ts';
import { staffRoles } from '../../src/domain/words.ts';
import { inForceOf } from '../../src/in-force.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { personOf } from '../../src/store/people.ts';
import { adoptPolicy } from '../../src/usecases/adopt-policy.ts';
import { approve } from '../../src/usecases/approve.ts';
import type { Context, Outcome } from '../../src/usecases/context.ts';
import { refusalLog } from '../../src/usecases/refusal-log.ts';
import { type RequestCommand, request } from '../../src/usecases/request.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

/** The use cases on a real database, without Slack: what the doors and the clock call. */
export interface Office {
  db: TestDatabase;
  context: Context;
  /** What went wrong where no caller could be told. */
  errors: readonly unknown[];
  /** A further process: another pool, the same configuration in force. */
  anotherProcess(): Context;
  /** Puts a configuration in force and goes on by it; the context from before stays as it was. */
  adopt(yaml: string): Promise<Context>;
  /** Somebody of the cast, in good standing, with the roles that the sandbox's configuration gives by name. */
  actor(player: Player): Promise<Actor>;
  /** Anybody, by their account, with these roles. */
  somebody(account: string, roles?: Actor['roles']): Promise<Actor>;
}

export async function office(yaml = configuration, connections = 10): Promise<Office> {
  const db = await testDatabase();
  const errors: unknown[] = [];
  const pools: Database[] = [];
  onTestFinished(async () => {
    for (const pool of pools) await pool.close();
    await db.drop();
  });
  const pool = (): Database => {
    const opened = openDatabase({ url: db.url('app'), connections });
    pools.push(opened);
    return opened;
  };
  const first = pool();
  const contextOf = (database: Database, settings: Settings, epoch: number): Context => {
    const inForce = inForceOf(settings, epoch);
    return { db: database, inForce: () => inForce, refusals: refusalLog(database, (error) => void errors.push(error)) };
  };
  const put = async (text: string) => {
    const settings = parseSettings(text, 'breakglass.yml');
    const epoch = await adoptPolicy(first, settings, (before) => parseSettings(before, 'before'), 'adopt');
    return { settings, epoch };
  };
  const somebody = async (account: string, roles: Actor['roles'] = {}): Promise<Actor> => {
    const person = await first.acrossTenants('who is acting', (tx) => personOf(tx, account));
    const standing = account.startsWith(`${workspace.team.id}:`) ? 'member' : 'foreign';
    return { person, name: `slack:${account}`, standing, roles };
  };
  let inForce = await put(yaml);
  const at: Office = {
    db,
    errors,
    context: contextOf(first, inForce.settings, inForce.epoch),
    anotherProcess: () => contextOf(pool(), inForce.settings, inForce.epoch),
    adopt: async (text) => {
      inForce = await put(text);
      at.context = contextOf(first, inForce.settings, inForce.epoch);
      return at.context;
    },
    somebody,
    actor: (player) => {
      const account = accountOf(player);
      const held = staffRoles.filter((role) => inForce.settings.roles[role].people.includes(account));
      return somebody(account, Object.fromEntries(held.map((role) => [role, 'named' as const])));
    },
  };
  return at;
}

export function accountOf(player: Player): string {
  const member = cast[player];
  const team = 'flags' in member && 'team_id' in member.flags ? member.flags.team_id : workspace.team.id;
  return `${team}:${member.id}`;
}

let works = 0;
/** A piece of work of its own. */
export function work(deliveryKey: string | null = null) {
  works += 1;
  return { requestId: `work-${works}`, deliveryKey };
}

/** An hour of Acme's content, as the form sends it. */
export const command = (actor: Actor, overrides: Partial<Omit<RequestCommand, 'actor'>> = {}): RequestCommand => ({
  actor,
  directMessage: actor.name.split(':').at(-1) ?? '',
  tenantKey: 'acme',
  asked: {
    kind: 'break_glass',
    scope: 'content_access',
    circumstance: 'critical_incident',
    reason: 'The import is corrupting documents',
    ticket: 'INC-42',
    minutes: 60,
  },
  groupMembers: {},
  ...overrides,
});

export const auditView = (actor: Actor, tenantKey = 'acme'): RequestCommand =>
  command(actor, {
    tenantKey,
    asked: { ...command(actor).asked, kind: 'support_access', scope: 'audit_view', circumstance: null },
  });

/** The grant that an outcome is about; a refusal fails the test. */
export function grantOf(outcome: Outcome): string {
  if (outcome.kind === 'refused') throw new Error(`Refused: ${JSON.stringify(outcome.refusal)}`);
  return outcome.kind === 'done' ? outcome.at.grant.id : outcome.grant;
}

/** Olivia asks for Acme's content. */
export const requested = async ({ context, actor }: Office, overrides?: Partial<Omit<RequestCommand, 'actor'>>) =>
  grantOf(await request(context, command(await actor('olivia'), overrides), work()));

/** Olivia has Acme's content for an hour: Anna and Sam agreed. */
export async function active(at: Office): Promise<string> {
  const grant = await requested(at);
  const rest = { grant, minutes: null, comment: null };
  grantOf(await approve(at.context, { actor: await at.actor('anna'), leg: 'owner', ...rest }, work()));
  grantOf(await approve(at.context, { actor: await at.actor('sam'), leg: 'security', ...rest }, work()));
  return grant;
}

/** How often each action is on record about a grant. */
export async function factsOf({ db }: Office, grant: string): Promise<Record<string, number>> {
  const rows = await db.query<{ action: string; times: number }>(
    'superuser',
    'select action, count(*)::int as times from audit_events where grant_id = $1 group by 1 order by 1',
    [grant],
  );
  return Object.fromEntries(rows.map(({ action, times }) => [action, times]));
}

export async function stateOf({ db }: Office, grant: string): Promise<string | undefined> {
  const [row] = await db.query<{ state: string }>('superuser', 'select state::text from grants where id = $1', [grant]);
  return row?.state;
}

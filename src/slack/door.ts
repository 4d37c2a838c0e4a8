import { type Actor, NOBODY } from '../domain/people.ts';
import type { ScopePolicy } from '../domain/policy.ts';
import type { Scope } from '../domain/words.ts';
import type { Log } from '../log.ts';
import { personOf } from '../store/people.ts';
import type { TenantEntry } from '../store/tenants.ts';
import type { BundleDesk } from '../usecases/bundle-desk.ts';
import type { CheckDesk } from '../usecases/check.ts';
import type { Context } from '../usecases/context.ts';
import type { SlackClients } from './clients.ts';
import type { Directory, Known, Roster } from './directory.ts';

/** What the configuration says that Slack's side has to know. */
export interface DoorSettings extends Roster {
  channels: { security: string; ops: string };
  tickets: { pattern: RegExp; link: string | null };
  scopes: Readonly<Record<Scope, ScopePolicy>>;
}

/** Everything a flow works with. */
export interface Door {
  context: Context;
  /** Makes bundles of evidence. */
  bundles: BundleDesk;
  /** Answers checks; the bot asks for the person who acts. */
  desk: CheckDesk;
  settings: () => DoorSettings;
  directory: Directory;
  /** Tenants that can be chosen, from memory: a form opens without a database call. */
  tenants: () => readonly TenantEntry[];
  /** People of another company may read a channel from now on. */
  channelShared: () => Promise<void>;
  /** Somebody who may hold access is perhaps no operator any more. */
  peopleChanged: () => void;
  /** The address of a page for a one-time code; null where no identity provider asks anybody to sign in. */
  signInAddress: ((code: string) => string) | null;
  slack: SlackClients;
  log: Log;
}

/** An actor, and whether Slack said everything about them. */
export type ActingPerson = Actor & { unsure: boolean };

/**
 * Who is acting: the person behind a Slack account, with standing and roles as of now.
 * Always from the authenticated payload's user id, never from a value somebody could type.
 */
export async function actingPerson(door: Door, user: string): Promise<ActingPerson> {
  return asActor(door, await door.directory.lookUp(user));
}

async function asActor({ context }: Door, known: Known): Promise<ActingPerson> {
  const name = `slack:${known.account}`;
  // Nobody becomes a person of ours by failing to be one of Slack's.
  if (known.standing === 'unknown' || known.standing === 'refused') return { person: NOBODY, name, ...known };
  const person = await context.db.acrossTenants('who is acting', (tx) => personOf(tx, known.account));
  return { person, name, ...known };
}

/** As the directory remembers it, for what shows and does not decide. */
export const isKnownOperator = (known: Known | null): boolean =>
  known !== null && known.standing === 'member' && known.roles.operator !== undefined;

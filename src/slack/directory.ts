import type { WebClient } from '@slack/web-api';
import type { Actor, RoleSource, Standing } from '../domain/people.ts';
import { type StaffRole, staffRoles } from '../domain/words.ts';
import { slackFailure } from './clients.ts';

/** Who holds which role, as the configuration says: accounts `T0HOME:U0OPS` and user groups. */
export interface Roster {
  team: string;
  roles: Readonly<Record<StaffRole, { people: readonly string[]; groups: readonly string[] }>>;
}

export interface Known {
  account: string;
  standing: Standing;
  roles: Actor['roles'];
  /** Slack did not say everything: whatever is missing counts as no, and as no more than that. */
  unsure: boolean;
}

export type GroupMembers = Partial<Record<StaffRole, readonly string[]>>;

/** What Slack says of people and groups. Decisions ask live; forms and cards may use what is remembered. */
export interface Directory {
  /** Somebody's standing and roles, asked now. Failing to find out is `unknown`, which counts as no. */
  lookUp(user: string): Promise<Known>;
  /** As `lookUp`, from memory, if it was asked lately; no call is made. */
  remembered(user: string): Known | null;
  /** What was remembered of somebody, or of all groups, is not true any more. */
  forget(user: string): void;
  forgetGroups(): void;
  /** Who is in the groups that give a role, asked now: the snapshot that a request keeps. */
  groupMembers(): Promise<GroupMembers>;
}

/** How long a look-up may serve forms (ms). */
const MEMORY_MS = 10 * 60_000;
/** How long who is in a group may serve forms, and a "no" may serve anything (ms). */
const GROUPS_FRESH_MS = 60_000;
const PEOPLE_REMEMBERED = 10_000;

type Groups = ReadonlyMap<string, ReadonlySet<string>>;

export function slackDirectory(client: WebClient, roster: () => Roster, elapsed: () => number): Directory {
  const memory = new Map<string, { known: Known; at: number }>();
  let lastRead: { groups: Groups; at: number } | undefined;
  let inFlight: Promise<Groups | null> | undefined;

  /** People who act in the same moment share one question to Slack: its rate limit for groups is 20 a minute. */
  const readNow = (): Promise<Groups | null> => {
    inFlight ??= readGroups(client)
      .then((groups) => {
        if (groups) lastRead = { groups, at: elapsed() };
        return groups;
      })
      .finally(() => {
        inFlight = undefined;
      });
    return inFlight;
  };

  /**
   * Somebody who was in none of our groups a moment ago is not asked about again: a "no" from memory gives nobody
   * anything, and clicks by outsiders must not use up the limit that members need. A "yes" is always read live.
   */
  const groupsFor = async (user: string): Promise<Groups | null> => {
    const ours = staffRoles.flatMap((role) => roster().roles[role].groups);
    if (ours.length === 0) return new Map();
    const fresh = lastRead && elapsed() - lastRead.at <= GROUPS_FRESH_MS ? lastRead.groups : null;
    return fresh && !ours.some((id) => fresh.get(id)?.has(user)) ? fresh : readNow();
  };

  const lookUp = async (user: string): Promise<Known> => {
    const { team, roles } = roster();
    const [person, members] = await Promise.all([standingOf(client, user, team), groupsFor(user)]);
    const unsure = person.standing === 'unknown' || members === null;
    const known: Known = { ...person, roles: rolesOf(person.account, user, roles, members), unsure };
    if (!unsure) memory.set(user, { known, at: elapsed() });
    if (memory.size > PEOPLE_REMEMBERED) memory.delete(memory.keys().next().value ?? '');
    return known;
  };

  return {
    lookUp,
    remembered: (user) => {
      const entry = memory.get(user);
      if (!entry) return null;
      const age = elapsed() - entry.at;
      const viaGroup = Object.values(entry.known.roles).includes('group');
      return age <= (viaGroup ? GROUPS_FRESH_MS : MEMORY_MS) ? entry.known : null;
    },
    forget: (user) => {
      memory.delete(user);
    },
    forgetGroups: () => {
      lastRead = undefined;
      memory.clear();
    },
    groupMembers: async () => {
      const { team, roles } = roster();
      const wanted = staffRoles.filter((role) => roles[role].groups.length > 0);
      if (wanted.length === 0) return {};
      const members = await readNow();
      return Object.fromEntries(
        wanted.map((role) => [role, inGroups(members, roles[role].groups).map((user) => `slack:${team}:${user}`)]),
      );
    },
  };
}

const inGroups = (members: Groups | null, ids: readonly string[]): string[] => [
  ...new Set(ids.flatMap((id) => [...(members?.get(id) ?? [])])),
];

function rolesOf(account: string, user: string, roles: Roster['roles'], members: Groups | null): Actor['roles'] {
  const held: Partial<Record<StaffRole, RoleSource>> = {};
  for (const role of staffRoles) {
    if (roles[role].people.includes(account)) held[role] = 'named';
    else if (roles[role].groups.some((id) => members?.get(id)?.has(user))) held[role] = 'group';
  }
  return held;
}

/** Slack's flags (docs.slack.dev, user object) as one word. */
async function standingOf(
  client: WebClient,
  user: string,
  home: string,
): Promise<{ account: string; standing: Standing }> {
  const unknown = { account: `${home}:${user}`, standing: 'unknown' as const };
  try {
    const { user: found } = await client.users.info({ user });
    if (!found?.id || !found.team_id) return unknown;
    const account = `${found.team_id}:${found.id}`;
    const workflow = 'is_workflow_bot' in found && found.is_workflow_bot;
    if (
      found.deleted ||
      found.is_bot ||
      found.is_app_user ||
      workflow ||
      found.is_stranger ||
      found.id === 'USLACKBOT'
    ) {
      return { account, standing: 'refused' };
    }
    if (found.is_restricted || found.is_ultra_restricted) return { account, standing: 'guest' };
    return { account, standing: found.team_id === home ? 'member' : 'foreign' };
  } catch (error) {
    const failure = slackFailure(error);
    return failure.kind === 'refused' && ['user_not_found', 'user_not_visible'].includes(failure.error)
      ? { ...unknown, standing: 'refused' }
      : unknown;
  }
}

/** Members by group; a group that is external or deleted has none. Null when Slack did not say. */
async function readGroups(client: WebClient): Promise<Groups | null> {
  try {
    const { usergroups = [] } = await client.usergroups.list({ include_users: true, include_disabled: false });
    return new Map(
      usergroups.flatMap(({ id, users, is_external, date_delete }) =>
        id && !is_external && !date_delete ? [[id, new Set(users ?? [])] as const] : [],
      ),
    );
  } catch (error) {
    slackFailure(error);
    return null;
  }
}

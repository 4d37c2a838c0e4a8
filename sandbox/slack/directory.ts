/** Who and what exists in the workspace: people, channels, user groups. */
import type { Changes } from './changes.ts';
import { compact, type JsonObject } from './json.ts';

export interface SlackUser {
  id: string;
  team_id: string;
  /** The handle, without @. */
  name: string;
  real_name: string;
  email: string | undefined;
  tz: string;
  deleted: boolean;
  is_bot: boolean;
  is_app_user: boolean;
  is_workflow_bot: boolean;
  /** From a connected company, sharing no channel with the bot. */
  is_stranger: boolean;
  is_restricted: boolean;
  is_ultra_restricted: boolean;
  is_admin: boolean;
}

export interface SlackChannel {
  id: string;
  name: string;
  is_private: boolean;
  is_archived: boolean;
  /** A direct message between the bot and `user`. */
  is_im: boolean;
  user: string | undefined;
  is_ext_shared: boolean;
  is_pending_ext_shared: boolean;
  is_org_shared: boolean;
  members: string[];
}

export interface SlackGroup {
  id: string;
  handle: string;
  name: string;
  users: string[];
  is_external: boolean;
  /** Seconds since the epoch when it was disabled; 0 while it is enabled. */
  date_delete: number;
}

/** Some fields of T, where leaving one out or undefined means "as it was" or "the default". */
type Some<T> = { [K in keyof T]?: T[K] | undefined };
export type NewUser = { id: string } & Some<SlackUser>;
export type NewChannel = {
  id: string /** Whether the bot is a member; true unless told. */;
  bot?: boolean;
} & Some<SlackChannel>;
export type NewGroup = { id: string } & Some<SlackGroup>;

const merged = <T extends object>(base: T, changes: Some<T>): T => {
  const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  return { ...base, ...set };
};

export class Directory {
  readonly users = new Map<string, SlackUser>();
  readonly channels = new Map<string, SlackChannel>();
  readonly groups = new Map<string, SlackGroup>();
  readonly #team: string;
  readonly #bot: string;
  readonly #changes: Changes;

  constructor(team: string, bot: string, changes: Changes) {
    this.#team = team;
    this.#bot = bot;
    this.#changes = changes;
  }

  putUser({ id, ...given }: NewUser): SlackUser {
    const known = this.users.get(id) ?? {
      id,
      team_id: this.#team,
      name: id.toLowerCase(),
      real_name: id,
      email: undefined,
      tz: 'Etc/UTC',
      deleted: false,
      is_bot: false,
      is_app_user: false,
      is_workflow_bot: false,
      is_stranger: false,
      is_restricted: false,
      is_ultra_restricted: false,
      is_admin: false,
    };
    return this.#put(this.users, merged<SlackUser>(known, given));
  }

  putChannel({ id, bot, ...given }: NewChannel): SlackChannel {
    const known = this.channels.get(id) ?? {
      id,
      name: id.toLowerCase(),
      is_private: false,
      is_archived: false,
      is_im: false,
      user: undefined,
      is_ext_shared: false,
      is_pending_ext_shared: false,
      is_org_shared: false,
      members: [this.#bot],
    };
    const next = merged<SlackChannel>(known, given);
    const others = next.members.filter((member) => member !== this.#bot);
    const botIn = bot ?? known.members.includes(this.#bot);
    return this.#put(this.channels, { ...next, members: botIn ? [this.#bot, ...others] : others });
  }

  putGroup({ id, ...given }: NewGroup): SlackGroup {
    const handle = given.handle ?? id.toLowerCase();
    const known = this.groups.get(id) ?? { id, handle, name: handle, users: [], is_external: false, date_delete: 0 };
    return this.#put(this.groups, merged<SlackGroup>(known, given));
  }

  removeGroup(id: string): void {
    this.groups.delete(id);
    this.#changes.emit({ kind: 'directory', id });
  }

  /** The direct message between the bot and this person, made on first use. */
  dmWith(user: string): SlackChannel {
    const id = `D${user.slice(1)}`;
    return (
      this.channels.get(id) ??
      this.putChannel({ id, name: 'directmessage', is_im: true, is_private: true, user, members: [user] })
    );
  }

  #put<T extends { id: string }>(into: Map<string, T>, item: T): T {
    into.set(item.id, item);
    this.#changes.emit({ kind: 'directory', id: item.id });
    return item;
  }
}

/** The name Slack puts into payloads; it hides those of private places. */
export const payloadName = (channel: SlackChannel): string => {
  if (channel.is_im) return 'directmessage';
  return channel.is_private ? 'privategroup' : channel.name;
};

const tzOffset = (zone: string, at: number): number => {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(at);
  const [, sign, hours = '0', minutes = '0'] =
    /GMT([+-])(\d+):(\d+)/.exec(parts.find((part) => part.type === 'timeZoneName')?.value ?? '') ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3_600 + Number(minutes) * 60);
};

/** `users.info`'s user, and `user_change`'s. Slack leaves the rare flags out unless they are set. */
export function userJson(user: SlackUser, at: number): JsonObject {
  const profile = compact({
    real_name: user.real_name,
    real_name_normalized: user.real_name,
    display_name: user.name,
    email: user.is_stranger ? undefined : user.email,
    team: user.team_id,
    ...(user.is_bot ? { api_app_id: '', always_active: false } : {}),
  });
  const alive = {
    real_name: user.real_name,
    tz: user.tz,
    tz_label: user.tz,
    tz_offset: tzOffset(user.tz, at),
    is_admin: user.is_admin,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.is_restricted,
    is_ultra_restricted: user.is_ultra_restricted,
  };
  return compact({
    id: user.id,
    team_id: user.team_id,
    name: user.name,
    deleted: user.deleted,
    ...(user.deleted ? {} : alive),
    profile,
    is_bot: user.is_bot,
    is_app_user: user.is_app_user,
    is_stranger: user.is_stranger || undefined,
    is_workflow_bot: user.is_workflow_bot || undefined,
    updated: Math.floor(at / 1000),
  });
}

export function channelJson(channel: SlackChannel, bot: string, users: Map<string, SlackUser>): JsonObject {
  const common = {
    id: channel.id,
    created: 1_700_000_000,
    is_archived: channel.is_archived,
    is_im: channel.is_im,
    is_org_shared: channel.is_org_shared,
  };
  if (channel.is_im) {
    const deleted = channel.user !== undefined && (users.get(channel.user)?.deleted ?? false);
    return compact({ ...common, user: channel.user, is_user_deleted: deleted, priority: 0 });
  }
  return {
    ...common,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: true,
    is_group: false,
    is_mpim: false,
    is_general: false,
    is_private: channel.is_private,
    is_member: channel.members.includes(bot),
    is_shared: channel.is_ext_shared || channel.is_org_shared,
    is_ext_shared: channel.is_ext_shared,
    is_pending_ext_shared: channel.is_pending_ext_shared,
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
  };
}

/** `usergroups.list`'s group, and `subteam_updated`'s. */
export const groupJson = (group: SlackGroup, team: string, withUsers: boolean): JsonObject => ({
  id: group.id,
  team_id: team,
  is_usergroup: true,
  is_subteam: true,
  name: group.name,
  description: '',
  handle: group.handle,
  is_external: group.is_external,
  date_create: 1_700_000_000,
  date_update: 1_700_000_000,
  date_delete: group.date_delete,
  auto_type: null,
  prefs: { channels: [], groups: [] },
  user_count: group.users.length,
  ...(withUsers ? { users: [...group.users] } : {}),
});

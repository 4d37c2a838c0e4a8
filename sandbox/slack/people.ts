/** users.*, usergroups.* and conversations.*: who is who and who is where. */
import { ApiError } from './calls.ts';
import { visibleChannel } from './chat.ts';
import { channelJson, groupJson, userJson } from './directory.ts';
import { asString, type Json, type JsonObject } from './json.ts';
import type { World } from './world.ts';

/** Booleans arrive as true, "true" or "1", by way of JSON or a form. */
const flag = (value: Json | undefined): boolean => value === true || value === 'true' || value === '1' || value === 1;

export function authTest(_: JsonObject, { options, directory, bot }: World): JsonObject {
  return {
    url: `https://${options.team.domain}.slack.com/`,
    team: options.team.name,
    user: directory.users.get(bot.user)?.name ?? '',
    team_id: options.team.id,
    user_id: bot.user,
    bot_id: bot.bot,
    is_enterprise_install: false,
  };
}

export function usersInfo(args: JsonObject, world: World): JsonObject {
  const user = world.directory.users.get(asString(args.user) ?? '');
  if (user === undefined) throw new ApiError('user_not_found');
  return { user: userJson(user, world.now()) };
}

export function usergroupsList(args: JsonObject, { directory, bot }: World): JsonObject {
  const shown = [...directory.groups.values()].filter(
    (group) => group.date_delete === 0 || flag(args.include_disabled),
  );
  return { usergroups: shown.map((group) => groupJson(group, bot.team, flag(args.include_users))) };
}

export function usergroupsUsersList(args: JsonObject, { directory }: World): JsonObject {
  const group = directory.groups.get(asString(args.usergroup) ?? '');
  const hidden = group !== undefined && group.date_delete > 0 && !flag(args.include_disabled);
  if (group === undefined || hidden) throw new ApiError('no_such_subteam');
  return { users: [...group.users] };
}

export function conversationsInfo(args: JsonObject, world: World): JsonObject {
  const channel = visibleChannel(world, asString(args.channel));
  const json = channelJson(channel, world.bot.user, world.directory.users);
  return { channel: flag(args.include_num_members) ? { ...json, num_members: channel.members.length } : json };
}

export function conversationsOpen(args: JsonObject, world: World): JsonObject {
  const known = asString(args.channel);
  if (known !== undefined) return { channel: { id: visibleChannel(world, known).id } };
  const users = (asString(args.users) ?? '').split(',').filter((id) => id !== '');
  const [id] = users;
  if (id === undefined) throw new ApiError('users_list_not_supplied');
  if (users.length > 1) throw new ApiError('method_not_supported_for_channel_type');
  const user = world.directory.users.get(id);
  if (user === undefined) throw new ApiError('user_not_found');
  if (user.deleted) throw new ApiError('user_disabled');
  if (user.is_bot) throw new ApiError('cannot_dm_bot');
  const existed = world.directory.channels.has(`D${id.slice(1)}`);
  const channel = world.directory.dmWith(id);
  const shown = flag(args.return_im) ? channelJson(channel, world.bot.user, world.directory.users) : { id: channel.id };
  return { channel: shown, ...(existed ? { no_op: true, already_open: true } : {}) };
}

export function conversationsMembers(args: JsonObject, world: World): JsonObject {
  const { members } = visibleChannel(world, asString(args.channel));
  const limit = Number(args.limit ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new ApiError('invalid_limit');
  const from = Number(asString(args.cursor) || 0);
  if (!Number.isInteger(from) || from < 0) throw new ApiError('invalid_cursor');
  const next = from + limit < members.length ? String(from + limit) : '';
  return { members: members.slice(from, from + limit), response_metadata: { next_cursor: next } };
}

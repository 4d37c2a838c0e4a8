/** What Slack tells an app that subscribed to changes of people and user groups. */
import { groupJson, userJson } from './directory.ts';
import type { JsonObject } from './json.ts';
import type { World } from './world.ts';

const seconds = (world: World): number => Math.floor(world.now() / 1000);

/** What a user looks like now. */
export function userChanged(world: World, id: string): JsonObject {
  const user = world.directory.users.get(id);
  if (user === undefined) throw new Error(`there is nobody called ${id}`);
  return { type: 'user_change', user: userJson(user, world.now()), cache_ts: seconds(world) };
}

/** Who came into a user group, and who left it. */
export const groupMembersChanged = (
  world: World,
  id: string,
  { added = [], removed = [] }: { added?: string[]; removed?: string[] },
): JsonObject => ({
  type: 'subteam_members_changed',
  subteam_id: id,
  team_id: world.bot.team,
  added_users: added,
  added_users_count: added.length,
  removed_users: removed,
  removed_users_count: removed.length,
  date_previous_update: seconds(world) - 1,
  date_update: seconds(world),
});

/** What a user group looks like now: renamed, deleted, given away. */
export function groupUpdated(world: World, id: string): JsonObject {
  const group = world.directory.groups.get(id);
  if (group === undefined) throw new Error(`there is no user group ${id}`);
  return { type: 'subteam_updated', subteam: groupJson(group, world.bot.team, true) };
}

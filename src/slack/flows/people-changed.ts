import type { SubteamMembersChangedEvent, SubteamUpdatedEvent, UserChangeEvent } from '@slack/types';
import type { Door } from '../door.ts';

/** What of the door these events touch. */
export interface PeopleDoor {
  settings: () => { roles: { operator: Pick<ReturnType<Door['settings']>['roles']['operator'], 'groups'> } };
  directory: Pick<Door['directory'], 'forget' | 'forgetGroups'>;
  peopleChanged: () => void;
}

/**
 * Slack says that somebody's account changed. Most changes are of no interest (a new picture); who is no full member
 * any more may hold access that has to go now.
 */
export function onUserChange(door: PeopleDoor, { user }: UserChangeEvent): void {
  door.directory.forget(user.id);
  if (user.deleted || user.is_restricted || user.is_ultra_restricted || user.is_bot) door.peopleChanged();
}

/** People left a user group that gives the operator role, or the group itself went away. */
export function onGroupChange(door: PeopleDoor, event: SubteamMembersChangedEvent | SubteamUpdatedEvent): void {
  const group = event.type === 'subteam_updated' ? event.subteam.id : event.subteam_id;
  if (!door.settings().roles.operator.groups.includes(group)) return;
  door.directory.forgetGroups();
  door.peopleChanged();
}

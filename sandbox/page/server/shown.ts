import { cast, type Player } from '../../cast.ts';
import { elementsOf } from '../../slack/block-rules.ts';
import type { LocalSlack, Message, OpenView, SlackChannel } from '../../slack/index.ts';
import { asNumber, asString } from '../../slack/json.ts';
import type { ShownChannel, ShownMessage, ShownView, Someone } from '../wire.ts';
import type { Unread } from './unread.ts';

/** What the local Slack holds, as one person's window shows it. */

export const players = Object.keys(cast).filter((key): key is Player => Object.hasOwn(cast, key));

export const playerNamed = (name: string): Player | undefined => players.find((player) => player === name);

const channelsOf = (slack: LocalSlack, person: string): readonly SlackChannel[] =>
  slack.channels.filter(({ members }) => members.includes(person));

export const isMember = (slack: LocalSlack, person: string, channel: string): boolean =>
  channelsOf(slack, person).some(({ id }) => id === channel);

/** Whether this message is on this person's screen. */
export const isShownTo = (slack: LocalSlack, person: string, { channel, ephemeralTo }: Message): boolean =>
  (ephemeralTo ?? person) === person && isMember(slack, person, channel);

/** Everything that is on this person's screens, oldest first. */
export const messagesFor = (slack: LocalSlack, person: string): readonly Message[] =>
  channelsOf(slack, person)
    .flatMap(({ id }) => slack.messages(id))
    .filter((message) => isShownTo(slack, person, message))
    .sort((a, b) => (a.ts < b.ts ? -1 : 1));

export const filesFor = (slack: LocalSlack, person: string): ShownMessage['files'] =>
  messagesFor(slack, person).flatMap(filesOf);

export function everybody(slack: LocalSlack, unread: Unread): readonly Someone[] {
  return players.map((player) => {
    const { id, name, is } = cast[player];
    const waiting = channelsOf(slack, id).map((channel) => unread.in(channel.id, id));
    return { id, player, name, is, unread: waiting.reduce((sum, each) => sum + each, 0) };
  });
}

export const shownChannels = (slack: LocalSlack, unread: Unread, person: string): readonly ShownChannel[] =>
  channelsOf(slack, person).map(({ id, name, is_im: isDirect, is_ext_shared: isShared }) => ({
    ...{ id, isDirect, isShared },
    name: isDirect ? nameOfTheBot(slack) : name,
    unread: unread.in(id, person),
  }));

const nameOfTheBot = ({ users, world }: LocalSlack): string =>
  users.find(({ id }) => id === world.bot.user)?.real_name ?? world.bot.user;

/** Everybody has a name; a channel only for whoever is in it. */
export function namesFor(slack: LocalSlack, person: string): Record<string, string> {
  const { groups } = slack.world.directory;
  return Object.fromEntries([
    ...slack.users.map(({ id, real_name: name }) => [id, name]),
    ...channelsOf(slack, person)
      .filter(({ is_im: isDirect }) => !isDirect)
      .map(({ id, name }) => [id, name]),
    ...[...groups.values()].map(({ id, handle }) => [id, handle]),
  ]);
}

export const shownMessage = (message: Message, grant: string | null): ShownMessage => ({
  channel: message.channel,
  ts: message.ts,
  at: new Date(Number(message.ts) * 1000).toISOString(),
  user: message.user,
  text: message.text,
  blocks: message.blocks,
  edited: message.edited !== undefined,
  onlyYou: message.ephemeralTo !== undefined,
  files: filesOf(message),
  grant,
});

const filesOf = ({ files = [] }: Message): ShownMessage['files'] =>
  files.map(({ id, name, size }) => ({
    ...{ id: asString(id) ?? '', name: asString(name) ?? '', size: asNumber(size) ?? 0 },
  }));

export const shownView = ({ id, hash, definition, state }: OpenView): ShownView => ({ id, hash, definition, state });

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=$|:)/;

/** The one grant that a message's buttons are about: their values begin with it. */
export function grantIn({ blocks }: Message): string | null {
  const values = blocks.flatMap(elementsOf).map((element) => asString(element.value) ?? '');
  const grants = new Set(values.flatMap((value) => UUID.exec(value)?.[0] ?? []));
  const [grant = null] = grants;
  return grants.size === 1 ? grant : null;
}

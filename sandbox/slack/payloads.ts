/** The payloads Slack sends to an app, field for field. */
import { payloadName, type SlackChannel, type SlackUser } from './directory.ts';
import { initialState } from './form.ts';
import { newId, secret } from './ids.ts';
import { compact, copy, type JsonObject } from './json.ts';
import { type Message, messageJson } from './messages.ts';
import { type OpenView, viewJson } from './modals.ts';
import type { World } from './world.ts';

/** The old verification token: apps must not rely on it, Slack still sends it. */
const TOKEN = 'local-slack-verification-token';

const responseUrl = (world: World, user: string, channel: string, ts?: string): string =>
  `${world.origin}${world.responseUrls.issue({ user, channel, ts })}`;

/** The person's own team, which for someone from a connected company is not the installation's. */
const userOf = (user: SlackUser): JsonObject => ({
  id: user.id,
  username: user.name,
  name: user.name,
  team_id: user.team_id,
});

const envelope = (world: World, user: SlackUser): JsonObject => ({
  team: { id: world.options.team.id, domain: world.options.team.domain },
  enterprise: null,
  is_enterprise_install: false,
  user: userOf(user),
  api_app_id: world.bot.app,
  token: TOKEN,
});

export function commandBody(
  world: World,
  user: SlackUser,
  channel: SlackChannel,
  command: string,
  text: string,
): JsonObject {
  const { team } = world.options;
  return {
    token: TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: payloadName(channel),
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: world.bot.app,
    is_enterprise_install: 'false',
    response_url: responseUrl(world, user.id, channel.id),
    trigger_id: world.triggers.issue(user.id),
  };
}

/** A press on an element of a message. Of an ephemeral one Slack does not send the message along. */
export function messageActionBody(world: World, user: SlackUser, message: Message, action: JsonObject): JsonObject {
  const channel = world.directory.channels.get(message.channel);
  const isEphemeral = message.ephemeralTo !== undefined;
  return compact({
    type: 'block_actions',
    ...envelope(world, user),
    container: { type: 'message', message_ts: message.ts, channel_id: message.channel, is_ephemeral: isEphemeral },
    trigger_id: world.triggers.issue(user.id),
    channel: { id: message.channel, name: channel === undefined ? '' : payloadName(channel) },
    message: isEphemeral ? undefined : messageJson(message, world.bot),
    state: { values: initialState({ blocks: message.blocks }) },
    response_url: responseUrl(world, user.id, message.channel, message.ts),
    actions: [{ ...copy(action), action_ts: world.messages.nextTs() }],
  });
}

export function viewActionBody(world: World, user: SlackUser, view: OpenView, action: JsonObject): JsonObject {
  return {
    type: 'block_actions',
    ...envelope(world, user),
    container: { type: 'view', view_id: view.id },
    trigger_id: world.triggers.issue(user.id),
    view: viewJson(view, world.bot),
    actions: [{ ...copy(action), action_ts: world.messages.nextTs() }],
  };
}

export function submissionBody(world: World, user: SlackUser, view: OpenView): JsonObject {
  return {
    type: 'view_submission',
    ...envelope(world, user),
    trigger_id: world.triggers.issue(user.id),
    view: viewJson(view, world.bot),
    response_urls: [],
  };
}

export function closedBody(world: World, user: SlackUser, view: OpenView, isCleared: boolean): JsonObject {
  return { type: 'view_closed', ...envelope(world, user), view: viewJson(view, world.bot), is_cleared: isCleared };
}

export function suggestionBody(
  world: World,
  user: SlackUser,
  from: { view: OpenView } | { message: Message },
  asked: { block_id: string; action_id: string; value: string },
): JsonObject {
  const place: JsonObject =
    'view' in from
      ? { container: { type: 'view', view_id: from.view.id }, view: viewJson(from.view, world.bot) }
      : {
          container: { type: 'message', message_ts: from.message.ts, channel_id: from.message.channel },
          message: messageJson(from.message, world.bot),
        };
  return { type: 'block_suggestion', ...envelope(world, user), ...place, ...asked };
}

export function eventBody(world: World, event: JsonObject): JsonObject {
  return {
    token: TOKEN,
    team_id: world.bot.team,
    api_app_id: world.bot.app,
    event: { event_ts: world.messages.nextTs(), ...copy(event) },
    type: 'event_callback',
    event_id: newId('Ev'),
    event_time: Math.floor(world.now() / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: world.bot.team,
        user_id: world.bot.user,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `4-${secret(8)}`,
  };
}

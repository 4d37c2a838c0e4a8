/** chat.*: what the bot says, and what response URLs and command answers say for it. */
import { violationsOfMessage } from './block-rules.ts';
import { ApiError, invalid } from './calls.ts';
import type { SlackChannel } from './directory.ts';
import { withIds } from './ids.ts';
import { asObject, asString, isObject, type JsonObject, objectsIn } from './json.ts';
import { LIMITS } from './limits.ts';
import { type Message, messageJson, type Words } from './messages.ts';
import { sentence } from './rules.ts';
import type { World } from './world.ts';

function checkedBlocks(args: JsonObject): JsonObject[] {
  const { blocks } = args;
  if (blocks === undefined || blocks === null) return [];
  if (!Array.isArray(blocks) || !blocks.every(isObject)) throw new ApiError('invalid_blocks_format');
  const found = violationsOfMessage(blocks);
  if (found.length > 0) throw invalid('invalid_blocks', found.map(sentence));
  if (JSON.stringify(blocks).length > LIMITS.blocksTogether) throw new ApiError('msg_blocks_too_long');
  return withIds(objectsIn(blocks));
}

function checkedMetadata(args: JsonObject): JsonObject | undefined {
  if (args.metadata === undefined) return undefined;
  const metadata = asObject(args.metadata);
  if (typeof metadata?.event_type !== 'string' || !isObject(metadata.event_payload)) {
    throw new ApiError('invalid_metadata_format');
  }
  return metadata;
}

/** Text, blocks and metadata as Slack accepts them. */
function checkedWords(args: JsonObject): Words {
  const text = asString(args.text) ?? '';
  if (text.length > LIMITS.messageText) throw new ApiError('msg_too_long');
  const blocks = checkedBlocks(args);
  if (text === '' && blocks.length === 0) throw new ApiError('no_text');
  return { text, blocks, metadata: checkedMetadata(args), thread_ts: asString(args.thread_ts) };
}

/** The channel, if the bot can see that it exists: a private one it is not in does not exist for it. */
export function visibleChannel(world: World, id: string | undefined): SlackChannel {
  const channel = world.directory.channels.get(id ?? '');
  const hidden = channel?.is_private && !channel.is_im && !channel.members.includes(world.bot.user);
  if (channel === undefined || hidden) throw new ApiError('channel_not_found');
  return channel;
}

function postable(world: World, id: string | undefined): SlackChannel {
  const channel = visibleChannel(world, world.channelOf(id));
  if (!channel.is_im && !channel.members.includes(world.bot.user)) throw new ApiError('not_in_channel');
  if (channel.is_archived) throw new ApiError('is_archived');
  return channel;
}

export function postMessage(args: JsonObject, world: World): JsonObject {
  const channel = postable(world, asString(args.channel));
  const message = world.messages.post(channel.id, world.bot.user, checkedWords(args));
  return { channel: channel.id, ts: message.ts, message: messageJson(message, world.bot) };
}

export function postEphemeral(args: JsonObject, world: World): JsonObject {
  const channel = postable(world, asString(args.channel));
  const user = asString(args.user) ?? '';
  if (!channel.members.includes(user)) throw new ApiError('user_not_in_channel');
  return { message_ts: world.messages.post(channel.id, world.bot.user, checkedWords(args), user).ts };
}

/** One of the bot's own messages; others and ephemerals can't be touched. */
function own(args: JsonObject, world: World, notMine: string): Message {
  const channel = visibleChannel(world, asString(args.channel));
  const message = world.messages.find(channel.id, asString(args.ts) ?? '');
  if (message === undefined || message.ephemeralTo !== undefined) throw new ApiError('message_not_found');
  if (message.user !== world.bot.user) throw new ApiError(notMine);
  if (channel.is_archived) throw new ApiError('is_inactive');
  return message;
}

/** Text without blocks takes the blocks away; blocks without text keep the text; only a change of plain text shows as edited. */
function changedWords(args: JsonObject, before: Words): Words {
  const text = asString(args.text) ?? before.text;
  const keepsBlocks = args.blocks === undefined && args.text === undefined;
  const words = checkedWords({ ...args, text, blocks: keepsBlocks ? before.blocks : (args.blocks ?? []) });
  return { ...words, metadata: words.metadata ?? before.metadata, thread_ts: before.thread_ts };
}

export function update(args: JsonObject, world: World): JsonObject {
  const message = own(args, world, 'cant_update_message');
  if (args.text === undefined && args.blocks === undefined && args.metadata === undefined)
    throw new ApiError('no_text');
  const words = changedWords(args, message);
  const next = world.messages.edit(message, words, world.bot.user, words.blocks.length === 0);
  return { channel: next.channel, ts: next.ts, text: next.text, message: messageJson(next, world.bot) };
}

export function remove(args: JsonObject, world: World): JsonObject {
  const message = own(args, world, 'cant_delete_message');
  world.messages.remove(message);
  return { channel: message.channel, ts: message.ts };
}

/** The address of any message that stands, whoever wrote it; it lets nobody in who is not in the channel. */
export function getPermalink(args: JsonObject, world: World): JsonObject {
  const channel = visibleChannel(world, asString(args.channel));
  const message = world.messages.find(channel.id, asString(args.message_ts) ?? '');
  if (message === undefined || message.ephemeralTo !== undefined) throw new ApiError('message_not_found');
  const { domain } = world.options.team;
  return {
    channel: channel.id,
    permalink: `https://${domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`,
  };
}

/**
 * What a response URL or a command's answer says: to the person alone unless `in_channel`, and in channels the bot is
 * not in as well. With an original message it may replace or delete that one.
 */
export function respond(
  args: JsonObject,
  world: World,
  to: { user: string; channel: string; ts: string | undefined },
): void {
  const original = to.ts === undefined ? undefined : world.messages.find(to.channel, to.ts);
  if (args.delete_original === true) {
    if (original !== undefined) world.messages.remove(original);
    return;
  }
  if (args.replace_original === true && original !== undefined) {
    world.messages.edit(original, changedWords({ blocks: [], ...args }, original), world.bot.user, false);
    return;
  }
  const everyone = args.response_type === 'in_channel';
  world.messages.post(to.channel, world.bot.user, checkedWords(args), everyone ? undefined : to.user);
}

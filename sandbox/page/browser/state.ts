/** What a window shows, as news arrives. Pure: times and the address come in as data. */
import type { Everything, News, ShownChannel, ShownMessage } from '../wire.ts';

/** Slack itself, which speaks to one person at a time. */
export const SLACKBOT = 'USLACKBOT';

export interface Shown {
  /** Null until the sandbox has said anything at all. */
  everything: Everything | null;
  /** Which of the messages are from Slack itself; the sandbox does not keep these. */
  slackbot: readonly ShownMessage[];
  /** The open channel; null while there is none. */
  channel: string | null;
  /** The line broke, and is not back yet. */
  isLost: boolean;
  /** Another person was chosen, and what is shown is still the last one's: to look at, not to operate. */
  isSomebodyElses: boolean;
  /** By the window's own clock (ms), when `machine.now` was so. */
  machineAt: number;
  /** Grows with every fresh start, so that what has to be said again can be. */
  start: number;
}

export type Happening =
  | { kind: 'news'; news: News; wanted: string | null; at: number }
  | { kind: 'line'; isThere: boolean }
  | { kind: 'switched' }
  | { kind: 'opened'; channel: string };

export const nothingYet: Shown = {
  everything: null,
  slackbot: [],
  channel: null,
  isLost: false,
  isSomebodyElses: false,
  machineAt: 0,
  start: 0,
};

export function next(shown: Shown, happening: Happening): Shown {
  switch (happening.kind) {
    case 'line':
      return { ...shown, isLost: !happening.isThere };
    case 'switched':
      return { ...shown, isSomebodyElses: true, isLost: false };
    case 'opened':
      return { ...shown, channel: channelCalled(shown.everything?.channels ?? [], happening.channel) ?? shown.channel };
    case 'news':
      return happening.news.kind === 'everything'
        ? startedWith(shown, happening.news.everything, happening)
        : withNews(shown, happening.news, happening.at);
  }
}

type Fresh = Extract<Happening, { kind: 'news' }>;

/** The same person keeps the open channel and what Slack told them: only the connection was new. */
function startedWith(shown: Shown, everything: Everything, { wanted, at }: Fresh): Shown {
  const same = !shown.isSomebodyElses && shown.everything?.you.id === everything.you.id;
  const kept = same ? channelCalled(everything.channels, shown.channel) : undefined;
  return {
    everything,
    slackbot: same ? shown.slackbot : [],
    channel: kept ?? firstToOpen(everything.channels, wanted),
    isLost: false,
    isSomebodyElses: false,
    machineAt: at,
    start: shown.start + 1,
  };
}

/** The one the address asks for, by its id or its name; else the first with something new; else the direct messages. */
export function firstToOpen(channels: readonly ShownChannel[], wanted: string | null): string | null {
  const first = channels.find(({ unread }) => unread > 0) ?? channels.find(({ isDirect }) => isDirect) ?? channels[0];
  return channelCalled(channels, wanted) ?? first?.id ?? null;
}

const channelCalled = (channels: readonly ShownChannel[], wanted: string | null): string | undefined =>
  channels.find(({ id, name }) => id === wanted || name === wanted)?.id;

function withNews(shown: Shown, news: Exclude<News, { kind: 'everything' }>, at: number): Shown {
  const { everything } = shown;
  if (everything === null) return shown;
  const changed = (change: Partial<Everything>): Shown => ({ ...shown, everything: { ...everything, ...change } });
  switch (news.kind) {
    case 'message':
      return changed({ messages: withMessage(everything.messages, news.what, news.message) });
    case 'views':
      return changed({ views: news.views });
    case 'notice':
      return { ...shown, slackbot: [...shown.slackbot, fromSlackbot(shown, everything, news.text, at)] };
    case 'unread':
      return changed({ cast: news.cast, channels: news.channels });
    case 'machine':
      return { ...changed({ machine: news.machine }), machineAt: at };
    case 'behind':
      return changed({ behind: news.behind, firstSteps: news.firstSteps });
    case 'tour':
      return changed({ tour: news.tour });
    case 'outcome':
      return shown;
  }
}

function withMessage(messages: readonly ShownMessage[], what: 'posted' | 'edited' | 'deleted', message: ShownMessage) {
  const isIt = ({ channel, ts }: ShownMessage) => channel === message.channel && ts === message.ts;
  if (what === 'deleted') return messages.filter((each) => !isIt(each));
  return messages.some(isIt) ? messages.map((each) => (isIt(each) ? message : each)) : [...messages, message];
}

function fromSlackbot({ slackbot, channel, machineAt }: Shown, { machine }: Everything, text: string, at: number) {
  const now = sandboxTime(machine.now, machineAt, at);
  return {
    channel: channel ?? '',
    ts: `slackbot-${slackbot.length}`,
    at: new Date(now).toISOString(),
    user: SLACKBOT,
    text,
    blocks: [],
    edited: false,
    onlyYou: true,
    files: [],
    grant: null,
  };
}

/** What the sandbox's clock shows (ms): it runs on from when we last heard of it. */
export const sandboxTime = (heard: string, heardAt: number, at: number): number =>
  Date.parse(heard) + Math.max(0, at - heardAt);

/** Whether this person can see it: a message of a channel that they are in. */
export const hasMessage = ({ channels, messages }: Everything, { channel, ts }: { channel: string; ts: string }) =>
  channels.some(({ id }) => id === channel) && messages.some((each) => each.channel === channel && each.ts === ts);

/** The messages of a channel, oldest first, with what Slack itself said there in its place. */
export function messagesIn({ everything, slackbot }: Shown, channel: string): readonly ShownMessage[] {
  const own = slackbot.filter((message) => message.channel === channel);
  const said = (everything?.messages ?? []).filter((message) => message.channel === channel);
  return own.length === 0 ? said : [...said, ...own].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

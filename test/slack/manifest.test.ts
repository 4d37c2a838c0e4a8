import { WebClient } from '@slack/web-api';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { workspace } from '../../sandbox/cast.ts';
import { kinds } from '../../src/domain/words.ts';
import { commands } from '../../src/slack/ids.ts';
import { helpMessage } from '../../src/slack/views/status.ts';
import { filesUnder, read, withoutComments } from '../docs/reading.ts';

/** Slack's limits for an app's manifest, of the parts that are used here. Anything else in it is a mistake. */
const words = (max: number, min = 1) => z.string().min(min).max(max);
const address = z.string().regex(/^https?:\/\//);
const manifestSchema = z.strictObject({
  display_information: z.strictObject({
    name: words(35),
    description: words(140),
    long_description: words(4000, 175),
    background_color: z.string().regex(/^#([0-9a-fA-F]{3}){1,2}$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: words(80), always_online: z.boolean() }),
    slash_commands: z
      .array(
        z.strictObject({
          command: words(32, 2).startsWith('/'),
          url: address.max(3000).optional(),
          description: words(2000),
          usage_hint: words(1000),
          should_escape: z.boolean(),
        }),
      )
      .min(1)
      .max(50),
  }),
  oauth_config: z.strictObject({ scopes: z.strictObject({ bot: z.array(words(50)).max(255) }) }),
  settings: z.strictObject({
    interactivity: z.strictObject({
      is_enabled: z.boolean(),
      request_url: address.max(3500).optional(),
      message_menu_options_url: address.max(3500).optional(),
    }),
    event_subscriptions: z
      .strictObject({ request_url: address.max(3500).optional(), bot_events: z.array(words(50)).max(100) })
      .optional(),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});
type Manifest = z.infer<typeof manifestSchema>;

const written: unknown = parse(read('manifest.yml'));
/** Fails with every place that Slack would not take. */
const inForce = (manifest: unknown = written): Manifest => manifestSchema.parse(manifest);

/** What Slack's own schema does not ask for: over HTTP, everything Slack sends needs an address; over a socket, nothing does. */
function addressesOf({ features, settings }: Manifest): (string | undefined)[] {
  return [
    ...features.slash_commands.map(({ url }) => url),
    settings.interactivity.request_url,
    settings.interactivity.message_menu_options_url,
    ...(settings.event_subscriptions ? [settings.event_subscriptions.request_url] : []),
  ];
}

/**
 * The bot scopes that each method needs (docs.slack.dev, the methods' pages). A person's id is a channel to
 * chat.postMessage, so a direct message needs no im:write: that is for conversations.open.
 */
const scopesOf: Readonly<Record<string, readonly string[]>> = {
  'auth.test': [],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'chat.getPermalink': [],
  'views.open': [],
  'views.update': [],
  'users.info': ['users:read'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'conversations.info': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.completeUploadExternal': ['files:write'],
};

const client = new WebClient('xoxb-none');
const isMethod = (name: string): boolean =>
  typeof name
    .split('.')
    .reduce<unknown>(
      (at, part) => (Object.hasOwn(Object(at), part) ? Reflect.get(Object(at), part) : undefined),
      client,
    ) === 'function';

/**
 * Calls of Web API methods in a source, such as `slack.chat.postMessage({`: whatever ends in a method a client has, or is
 * asked for by its name.
 */
function methodsIn(source: string): string[] {
  const code = withoutComments(source).replace(/\s*\??\.\s*/g, '.');
  const byName = [...code.matchAll(/\bapiCall\(\s*'([\w.]+)'/g)].map(([, name = '']) => name);
  const chains = [...code.matchAll(/\.((?:[a-z]\w*\.)*[a-z]\w*)\s*\(/gi)].flatMap(([, chain = '']) => {
    const parts = chain.split('.');
    const named = parts.map((_, i) => parts.slice(i).join('.')).filter((name) => name.includes('.') && isMethod(name));
    return named.slice(0, 1);
  });
  return [...byName, ...chains];
}

const sources = [...filesUnder('src/slack', '.ts'), ...filesUnder('src/cli', '.ts')].map(read);
const called = new Set(sources.flatMap(methodsIn));

describe('manifest.yml', () => {
  test('is one that Slack takes: known keys, nothing too long or too short', () => {
    expect(manifestSchema.safeParse(written).error?.issues ?? []).toEqual([]);
  });

  test('over HTTP gives an address for everything Slack sends, the same one the bot listens at', () => {
    const manifest = inForce();
    expect(manifest.settings.socket_mode_enabled).toBe(false);
    expect(new Set(addressesOf(manifest))).toEqual(new Set(['https://breakglass.example.com/slack/events']));
    expect(read('src/slack/receiver.ts')).toContain("endpoints: '/slack/events'");
  });

  test('is a valid manifest for Socket Mode too, switched as its comment says', () => {
    const switched = read('manifest.yml')
      .replace('socket_mode_enabled: false', 'socket_mode_enabled: true')
      .replace(/^[^#\n]*https:\/\/breakglass\.example\.com.*\n/gm, '');
    const inSocketMode = inForce(parse(switched));
    expect(inSocketMode.settings.socket_mode_enabled).toBe(true);
    expect(addressesOf(inSocketMode).filter(Boolean)).toEqual([]);
  });

  test('registers the commands the bot answers, no other', () => {
    expect(
      inForce()
        .features.slash_commands.map(({ command }) => command)
        .sort(),
    ).toEqual(Object.values(commands).sort());
  });

  test.each(kinds)('hints at the words that the help of %s explains, and at no others', (kind) => {
    const command = inForce().features.slash_commands.find((each) => each.command === commands[kind]);
    const explained = [...JSON.stringify(helpMessage(kind).blocks).matchAll(/`\/[a-z-]+ ([a-z]+)/g)].map(
      ([, word]) => word,
    );
    const hinted = command?.usage_hint.match(/[a-z]+/g) ?? [];
    expect([...hinted].sort()).toEqual([...new Set(explained)].sort());
  });

  test('asks for the scopes of the methods the code calls, none missing, none more', () => {
    expect(called.size).toBeGreaterThan(4);
    const needed = ['commands', ...[...called].flatMap((method) => scopesOf[method] ?? [`nothing known of ${method}`])];
    expect([...inForce().oauth_config.scopes.bot].sort()).toEqual([...new Set(needed)].sort());
  });

  test('asks for each scope once, and for those the sandbox`s bot has', () => {
    const { bot } = inForce().oauth_config.scopes;
    expect(new Set(bot).size).toBe(bot.length);
    expect([...bot].sort()).toEqual([...workspace.scopes].sort());
  });

  test('subscribes to exactly the events that something listens to', () => {
    const listening = sources.flatMap((source) =>
      [...withoutComments(source).matchAll(/\bapp\.event\(\s*'([a-z_]+)'/g)].map(([, event]) => event),
    );
    expect(listening.length).toBeGreaterThan(0);
    expect([...(inForce().settings.event_subscriptions?.bot_events ?? [])].sort()).toEqual(listening.sort());
  });

  test('lets people get direct messages from the bot: the tab they arrive in is on', () => {
    expect(called).toContain('chat.postMessage');
    expect(inForce().features.app_home.messages_tab_enabled).toBe(true);
  });
});

describe('the look for methods finds', () => {
  test.each<[string, string[]]>([
    ['await slack.chat.postMessage({ channel })', ['chat.postMessage']],
    ['await door.slack.quick.views\n    .update({ view })', ['views.update']],
    ['client.usergroups.users.list({ usergroup })', ['usergroups.users.list']],
    ['await this.client?.users.info({ user })', ['users.info']],
    ["await slack.apiCall('views.open', { view })", ['views.open']],
    ['found.users.map((user) => user)', []],
    ['door.settings().channels.security', []],
    ['// slack.chat.delete()', []],
  ])('%s', (code, methods) => expect(methodsIn(code)).toEqual(methods));

  test('no call that goes around it: a method that is asked for by its name is named there', () => {
    const unnamed = sources.flatMap(
      (source) => withoutComments(source).match(/(?<!override async |super\.)apiCall\b(?!\(\s*'[\w.]+')/g) ?? [],
    );
    expect(unnamed).toEqual([]);
  });
});

/** The Web API's methods: who may call them, with what, and what comes back. */
import { type ApiCall, ApiError, type Reply, refusal } from './calls.ts';
import * as chat from './chat.ts';
import * as files from './files.ts';
import { asString, type Json, type JsonObject, parseJson } from './json.ts';
import * as people from './people.ts';
import * as views from './views.ts';
import type { World } from './world.ts';

type Method = (args: JsonObject, world: World) => JsonObject;

const METHODS: { [name: string]: Method } = {
  'auth.test': people.authTest,
  'chat.postMessage': chat.postMessage,
  'chat.postEphemeral': chat.postEphemeral,
  'chat.update': chat.update,
  'chat.delete': chat.remove,
  'chat.getPermalink': chat.getPermalink,
  'views.open': views.open,
  'views.push': views.push,
  'views.update': views.update,
  'users.info': people.usersInfo,
  'usergroups.list': people.usergroupsList,
  'usergroups.users.list': people.usergroupsUsersList,
  'conversations.info': people.conversationsInfo,
  'conversations.open': people.conversationsOpen,
  'conversations.members': people.conversationsMembers,
  'files.getUploadURLExternal': files.getUploadUrl,
  'files.completeUploadExternal': files.completeUpload,
};

/** Which scope a call needs; reading a conversation depends on what kind it is. */
function scopeOf(method: string, args: JsonObject, world: World): string | undefined {
  if (method === 'chat.getPermalink') return undefined;
  if (method.startsWith('chat.')) return 'chat:write';
  if (method.startsWith('usergroups.')) return 'usergroups:read';
  if (method === 'users.info') return 'users:read';
  if (method === 'conversations.open') return 'im:write';
  if (method.startsWith('files.')) return 'files:write';
  if (!method.startsWith('conversations.')) return undefined;
  const channel = world.directory.channels.get(asString(args.channel) ?? '');
  if (channel?.is_im) return 'im:read';
  return channel?.is_private ? 'groups:read' : 'channels:read';
}

const STRUCTURED: { [name: string]: string } = {
  blocks: 'invalid_blocks_format',
  files: 'invalid_arguments',
  metadata: 'invalid_metadata_format',
  view: 'invalid_arguments',
};

/** Forms carry structures as JSON strings; bodies of JSON may carry them either way. */
function structured(args: JsonObject): JsonObject {
  const result: JsonObject = { ...args };
  for (const [name, error] of Object.entries(STRUCTURED)) {
    const value = args[name];
    if (typeof value !== 'string') continue;
    const parsed = parseJson(value);
    if (parsed === undefined) throw new ApiError(error);
    result[name] = parsed;
  }
  return result;
}

/** The arguments as they arrived, readable even when they are wrong. */
export function readable(args: JsonObject): JsonObject {
  const entries = Object.entries(args).filter(([name]) => name !== 'token');
  const read = ([name, value]: [string, Json]): [string, Json] =>
    name in STRUCTURED && typeof value === 'string' ? [name, parseJson(value) ?? value] : [name, value];
  return Object.fromEntries(entries.map(read));
}

function authorize(world: World, method: string, args: JsonObject, token: string | undefined): void {
  const { botToken, appToken, scopes } = world.options;
  if (token === undefined || token === '') throw new ApiError('not_authed');
  if (world.revoked.has(token)) throw new ApiError('token_revoked');
  if (token !== botToken && token !== appToken) throw new ApiError('invalid_auth');
  const wanted = method === 'apps.connections.open' ? appToken : botToken;
  if (token !== wanted) throw new ApiError('not_allowed_token_type');
  const needed = scopeOf(method, args, world);
  if (scopes !== undefined && needed !== undefined && token === botToken && !scopes.includes(needed)) {
    throw new ApiError('missing_scope', { needed, provided: scopes.join(',') });
  }
}

const tooMany = (seconds: number): Reply => ({
  status: 429,
  headers: { 'retry-after': String(seconds) },
  body: { ok: false, error: 'ratelimited' },
});

export const rateLimited = tooMany;

/** Carries out a call. `connect` makes the URL of a Socket Mode connection. */
export function perform(world: World, call: ApiCall, token: string | undefined, connect: () => string): Reply {
  try {
    const method = call.method === 'apps.connections.open' ? () => ({ url: connect() }) : METHODS[call.method];
    if (method === undefined) throw new ApiError('unknown_method', { req_method: call.method });
    authorize(world, call.method, call.args, token);
    const wait = world.pacer.delay(call.method, world.channelOf(asString(call.args.channel)));
    if (wait !== undefined) return tooMany(wait);
    return { status: 200, body: { ok: true, ...method(structured(call.args), world) } };
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    throw error;
  }
}

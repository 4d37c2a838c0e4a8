/**
 * files.*: a file in three steps (docs.slack.dev, files.getUploadURLExternal and files.completeUploadExternal). A person's
 * id is no conversation here, unlike in chat.postMessage (slackapi/bolt-js, issue 2115).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError, invalid } from './calls.ts';
import { visibleChannel } from './chat.ts';
import { asString, isObject, type JsonObject } from './json.ts';
import { LIMITS } from './limits.ts';
import type { World } from './world.ts';

export function getUploadUrl(args: JsonObject, world: World): JsonObject {
  const name = asString(args.filename) ?? '';
  const length = Number(args.length);
  if (name === '' || !Number.isInteger(length) || length < 1) {
    throw invalid('invalid_arguments', ['[ERROR] missing required field: filename or length']);
  }
  if (length > LIMITS.uploadBytes) throw new ApiError('file_upload_size_restricted');
  const { id, path } = world.uploads.begin(name, length);
  return { upload_url: `${world.origin}${path}`, file_id: id };
}

/** What is sent to the address that was given out: the bytes as they are, as many as were announced. */
export async function takeUpload(
  world: World,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const upload = world.uploads.at(path);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  const wrong = request.method !== 'POST' || upload === undefined || upload.bytes !== undefined;
  if (wrong || bytes.length !== upload.length) return void response.writeHead(400).end('upload failed');
  upload.bytes = bytes;
  response.writeHead(200, { 'content-type': 'text/plain' }).end(`OK - ${bytes.length}`);
}

export function completeUpload(args: JsonObject, world: World): JsonObject {
  const { files } = args;
  if (!Array.isArray(files) || files.length === 0 || !files.every(isObject)) throw new ApiError('invalid_arguments');
  const uploads = files.map((file) => {
    const upload = world.uploads.find(asString(file.id) ?? '');
    if (upload === undefined || upload.bytes === undefined || upload.completed) throw new ApiError('file_not_found');
    return { upload, title: asString(file.title) ?? upload.name };
  });
  const json = uploads.map(({ upload, title }) => ({ id: upload.id, name: upload.name, title, size: upload.length }));
  const to = asString(args.channel_id);
  if (to !== undefined) share(world, to, asString(args.initial_comment) ?? '', json);
  for (const { upload } of uploads) upload.completed = true;
  return { files: json.map(({ id, title }) => ({ id, title })) };
}

function share(world: World, to: string, text: string, files: JsonObject[]): void {
  if (!/^[CGDZ]/.test(to)) {
    const sentence = '[ERROR] input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ [json-pointer:/channel_id]';
    throw invalid('invalid_arguments', [sentence]);
  }
  const channel = visibleChannel(world, to);
  if (!channel.is_im && !channel.members.includes(world.bot.user)) throw new ApiError('not_in_channel');
  world.messages.post(channel.id, world.bot.user, {
    text,
    blocks: [],
    metadata: undefined,
    thread_ts: undefined,
    files,
  });
}

import type { WebClient } from '@slack/web-api';
import { slackFailure } from './clients.ts';

/** A file for one person. */
export interface SentFile {
  /** With its ending, which says what it is. */
  name: string;
  title: string;
  bytes: Buffer;
  /** What the message says that brings it; Slack's markup. */
  comment: string;
}

export type FileSent = { kind: 'sent' } | { kind: 'not_sent'; error: string };

/** Longest upload (ms). */
const UPLOAD_MS = 60_000;

/**
 * Sends a file by direct message. Slack takes one in three steps (docs.slack.dev, "Working with files"), and wants the id
 * of the conversation where a message would do with the person's.
 */
export async function sendFile(slack: WebClient, user: string, file: SentFile): Promise<FileSent> {
  try {
    const { channel } = await slack.conversations.open({ users: user });
    const { name: filename, bytes, title, comment } = file;
    const { upload_url: url, file_id: id } = await slack.files.getUploadURLExternal({ filename, length: bytes.length });
    if (!channel?.id || !url || !id) throw new Error('Slack made room for a file without saying where.');
    const refused = await upload(url, bytes);
    if (refused !== null) return { kind: 'not_sent', error: refused };
    await slack.files.completeUploadExternal({
      files: [{ id, title }],
      channel_id: channel.id,
      initial_comment: comment,
    });
    return { kind: 'sent' };
  } catch (error) {
    return { kind: 'not_sent', error: slackFailure(error).error };
  }
}

/** @returns why it was not taken; null where it was */
async function upload(url: string, bytes: Buffer): Promise<string | null> {
  try {
    const answer = await fetch(url, {
      ...{ method: 'POST', body: new Uint8Array(bytes), redirect: 'error' },
      ...{ headers: { 'content-type': 'application/octet-stream' }, signal: AbortSignal.timeout(UPLOAD_MS) },
    });
    await answer.arrayBuffer();
    return answer.ok ? null : `http_${answer.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'unreachable';
  }
}

import type { KnownBlock } from '@slack/types';
import type { Notice } from '../../domain/notices.ts';
import { moment, mrkdwn, typed } from '../text.ts';
import type { Message } from './card.ts';

const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });

/** A signed head, as a copy that stays outside the database. The note is ours: a name, a number and two hashes. */
export function checkpointMessage({ tenant, size, note }: Extract<Notice, { kind: 'checkpoint' }>): Message {
  const whose = tenant === null ? 'The audit trail' : `The audit trail of ${typed(tenant)}`;
  const entries = size === 1 ? '1 entry' : `${size.toLocaleString('en-US')} entries`;
  const text = `${whose} is sealed: ${entries}.`;
  const keep =
    'Keep this message: with it, breakglass verify finds out whether any of these entries was changed later.';
  return {
    text,
    blocks: [
      section(`*${text}*`),
      section(`\`\`\`${note.trimEnd()}\`\`\``),
      { type: 'context', elements: [mrkdwn(keep)] },
    ],
  };
}

const troubles: Readonly<Record<Extract<Notice, { kind: 'seal_alarm' }>['trouble'], string>> = {
  unknown_key:
    'The last seal in the database is by a key that is not trusted here. If the key was replaced, name the old public key in AUDIT_PREVIOUS_KEYS. If not, somebody else wrote it.',
  other_log: 'The history in the database is sealed under another name than that of AUDIT_SIGNING_KEY.',
  shorter:
    'The database has fewer sealed entries than were signed: it is an older copy, or entries were removed. Nothing is signed until somebody has looked.',
  forked:
    'The sealed entries in the database are others than those that were signed: history was changed. Nothing is signed until somebody has looked.',
  broken:
    'What the database says of the last seal does not fit its signature: it was changed. Nothing is signed until somebody has looked.',
  kept_unreadable: 'The last seal that was kept on disk can not be read. Nothing is signed until somebody has looked.',
  unsealed: 'Rows of the audit trail have waited for their seal for more than a minute. The log of the bot says why.',
};

/** History is not sealed on: what is the matter, and what to do. */
export function sealAlarmMessage({ trouble, since }: Extract<Notice, { kind: 'seal_alarm' }>): Message {
  const waiting = since === null ? '' : ` Rows since ${moment(new Date(since))} are not sealed.`;
  const text = `The audit trail is not being sealed. ${troubles[trouble]}${waiting} Access and its records go on meanwhile.`;
  return { text, blocks: [section(text)] };
}

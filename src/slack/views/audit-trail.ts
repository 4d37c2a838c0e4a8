import type { ActionsBlock, SectionBlock } from '@slack/types';
import type { TrailPage, TrailRow } from '../../domain/trail.ts';
import { buttons } from '../ids.ts';
import { cutMrkdwn, duration, list, mention, moment, mrkdwn, sentLength, typed } from '../text.ts';
import { button, type Message } from './card.ts';

export interface AuditTrail {
  tenant: { key: string; name: string };
  page: TrailPage;
  /** Until when the reader may look. */
  until: Date | null;
}

/** The room of a row, as it is sent: ten of them fit a message. */
const ROW_ROOM = 1_000;

/** A page of a tenant's audit trail, newest first, for the person who looks. */
export function auditTrailMessage({ tenant, page, until }: AuditTrail): Message {
  const title = `Audit trail of ${typed(tenant.name)}`;
  const { rows, older } = page;
  return {
    text: title,
    blocks: [
      section(
        `*${title}*, newest first. Each look is on record.${until ? ` You can look until ${moment(until)}.` : ''}`,
      ),
      ...(rows.length > 0 ? rows.map((row) => section(fitting(rowText(row)))) : [section('Nothing older.')]),
      ...(older === null ? [] : [olderRow(`${tenant.key}:${older}`)]),
    ],
  };
}

/** Where a button of such a page leads. Anybody can make a value up: one that is none of ours leads nowhere. */
export function placeIn(value: unknown): { tenantKey: string | null; before: string | null } {
  const [, tenantKey = null, before = null] =
    /^([a-z0-9-]+):(\d{1,18})$/.exec(typeof value === 'string' ? value : '') ?? [];
  return { tenantKey, before };
}

const section = (text: string): SectionBlock => ({ type: 'section', text: mrkdwn(text) });
const olderRow = (value: string): ActionsBlock => ({
  type: 'actions',
  block_id: 'older',
  elements: [button(buttons.auditOlder, 'Older', value)],
});

const fitting = (text: string): string =>
  sentLength(text) <= ROW_ROOM ? text : cutMrkdwn(text, Math.floor(ROW_ROOM / 2));

/** The words of a row on one line; each text that somebody chose on a line of its own, which it can't leave. */
function rowText(row: TrailRow): string {
  const when = moment(row.at, '{date_short_pretty} at {time_secs}');
  const first = [`*${typed(row.action, 60)}* ${when}, ${nameOf(row.actor)}`, ...wordsOf(row)].join(', ');
  return [first, ...about(row), ...textsOf(row)].join('\n');
}

const nameOf = (name: string): string => (name.startsWith('slack:') ? mention(name) : typed(name, 80));

/** The answer to a check has a word for its reason; elsewhere a reason is a text. */
const isAnswer = ({ action }: TrailRow): boolean => action === 'access.allowed' || action === 'access.denied';

function wordsOf(row: TrailRow): string[] {
  const { scope, leg, minutes, uses, reason } = row.details;
  return [
    ...(typeof scope === 'string' ? [typed(scope, 40)] : []),
    ...(typeof leg === 'string' ? [`leg ${typed(leg, 40)}`] : []),
    ...(typeof minutes === 'number' ? [duration(minutes)] : []),
    ...(typeof uses === 'number' ? [`${uses} uses`] : []),
    ...(isAnswer(row) && typeof reason === 'string' ? [typed(reason, 40)] : []),
  ];
}

/** Who a check was about, where somebody else asked. */
const about = ({ actor, details: { subject } }: TrailRow): string[] =>
  typeof subject === 'string' && subject !== actor ? [`for ${nameOf(subject)}`] : [];

/** What a row says in texts, in the order in which it is read, and how much of each is shown. */
const texts = {
  ticket: 100,
  action: 100,
  resource: 150,
  missing: 100,
  added: 250,
  removed: 250,
  error: 150,
  reason: 250,
  comment: 250,
} as const;

const textsOf = (row: TrailRow): string[] =>
  Object.entries(texts).flatMap(([name, length]) => {
    const text = name === 'reason' && isAnswer(row) ? '' : textOf(row.details[name]);
    return text === '' ? [] : [`${name}: ${typed(text, length)}`];
  });

/** A resource is an object with a type and an id; several words are a list; whatever else is no text says nothing. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return list(value.filter((each) => typeof each === 'string'));
  if (typeof value !== 'object' || value === null || !('type' in value) || !('id' in value)) return '';
  return `${value.type} ${value.id}`;
}

import type { ActionsBlock, SectionBlock } from '@slack/types';
import {
  BEGINNING,
  type TrailFilter,
  type TrailPage,
  type TrailRow,
  type TrailWish,
  USUAL_DAYS,
} from '../../domain/trail.ts';
import { buttons } from '../ids.ts';
import { cutMrkdwn, duration, list, mention, moment, mrkdwn, sentLength, typed } from '../text.ts';
import { placeValue } from './audit-place.ts';
import { button, type Message } from './card.ts';
import { kindWords } from './words.ts';

export interface AuditTrail {
  /** Null: everything. */
  tenant: { key: string; name: string } | null;
  wish: TrailWish;
  filter: TrailFilter;
  page: TrailPage;
  /** Until when the reader may look; null where that has no end. */
  until: Date | null;
}

/** The room of a row, as it is sent: ten of them fit a message. */
const ROW_ROOM = 850;

/** A page of the audit trail, newest first, for the person who looks. */
export function auditTrailMessage(trail: AuditTrail): Message {
  const { rows } = trail.page;
  const title = `Audit trail of ${ownerOf(trail)}`;
  return {
    text: title,
    blocks: [
      section(headOf(trail, title)),
      ...rows.map((row) => section(fitting(rowText(row, trail.tenant === null)))),
      ...endOf(trail),
      ways(trail),
    ],
  };
}

const ownerOf = ({ tenant }: Pick<AuditTrail, 'tenant'>): string => (tenant ? typed(tenant.name) : 'everything');

function headOf(trail: AuditTrail, title: string): string {
  const until = trail.until ? ` You can look until ${moment(trail.until)}.` : '';
  const only = filterLine(trail);
  return `*${title}*, newest first. Each look is on record.${until}${only ? `\n${only}` : ''}`;
}

/** What of the trail is shown; empty where that is all of it. */
export function filterLine({ wish, filter }: Pick<AuditTrail, 'wish' | 'filter'>): string {
  const { person, action, kind } = wish;
  const { from, to } = filter;
  const usual = from && !wish.since ? ` (the last ${USUAL_DAYS} days, as nothing else was said)` : '';
  const parts = [
    ...(kind ? [kindWords[kind].toLowerCase()] : []),
    ...(person ? [`by or about ${nameOf(person)}`] : []),
    ...(action ? [`action ${typed(action, 60)}`] : []),
    ...(from && from > BEGINNING.at ? [`since ${moment(from)}${usual}`] : []),
    ...(to ? [`until ${moment(to)}`] : []),
  ];
  return parts.length === 0 ? '' : `Only: ${parts.join(', ')}.`;
}

function endOf({ page: { rows, reached }, wish }: AuditTrail): SectionBlock[] {
  if (reached) return [section(`Nothing more back to ${moment(reached)}. Press Older to look further.`)];
  if (rows.length > 0) return [];
  return [
    section(
      wish.person || wish.action || wish.kind || wish.since ? 'Nothing like that is on record.' : 'Nothing older.',
    ),
  ];
}

/** Where one can go from here. What the buttons carry is looked at anew when they are pressed. */
function ways({ tenant, wish, filter, page: { older } }: AuditTrail): ActionsBlock {
  const here = { ...wish, tenant: tenant?.key ?? null };
  const value = (before: string | null) => placeValue(here, filter, before);
  return {
    type: 'actions',
    block_id: 'trail',
    elements: [
      ...(older === null ? [] : [button(buttons.auditOlder, 'Older', value(older))]),
      button(buttons.auditFilter, 'Filter', value(null)),
      button(buttons.auditCsv, 'CSV by DM', value(null)),
    ],
  };
}

/** A tenant has to be named. Who owns several is told those; anybody else learns nothing. */
export function whichMessage(tenants: readonly string[], command: string): string {
  const [first] = tenants;
  if (first === undefined) return `Type ${command} audit TENANT, with the key of the tenant.`;
  const keys = list(tenants.slice(0, 20).map((key) => typed(key, 63)));
  return `You own several tenants: ${keys}. Say which, for example ${command} audit ${typed(first, 63)}.`;
}

const section = (text: string): SectionBlock => ({ type: 'section', text: mrkdwn(text) });

const fitting = (text: string): string =>
  sentLength(text) <= ROW_ROOM ? text : cutMrkdwn(text, Math.floor(ROW_ROOM / 2));

/** The words of a row on one line; each text that somebody chose on a line of its own, which it can't leave. */
function rowText(row: TrailRow, ofEverything: boolean): string {
  const when = moment(row.at, '{date_short_pretty} at {time_secs}');
  const where = ofEverything && row.tenant !== null ? [`on ${typed(row.tenant, 63)}`] : [];
  const first = [`*${typed(row.action, 60)}* ${when}, ${nameOf(row.actor)}`, ...where, ...wordsOf(row)].join(', ');
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

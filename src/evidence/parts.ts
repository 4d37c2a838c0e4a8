import { reviewQuestions } from '../domain/review-answers.ts';
import { type Cell, csvLine } from './csv.ts';
import { type Entry, isRecord } from './entry.ts';

/**
 * The entries as tables. Every entry is in exactly one of them, and each row follows from its entry alone, so that whoever
 * verifies a bundle makes them again and compares. What is said here belongs to the bundle's format: changing it changes
 * the format's version.
 */
type Column = readonly [name: string, of: (entry: Entry) => unknown];

interface Part {
  /** The ends of the actions that it holds, or whole actions. */
  actions: readonly string[];
  columns: readonly Column[];
}

const detail = (name: string, as = name): Column => [as, ({ details }) => details[name]];
const details = (...names: string[]): Column[] => names.map((name) => detail(name));

const kindOf: Column = ['kind', ({ action }) => action.split('.')[0]];
/** The last word of the action: `approved`, `revoked`. */
const what = (name: string): Column => [name, ({ action }) => action.split('.')[1]];

const answer = (question: string, member: string) => (entry: Entry) => {
  const { answers } = entry.details;
  const given = isRecord(answers) ? answers[question] : undefined;
  return isRecord(given) ? given[member] : undefined;
};
const answers: readonly Column[] = reviewQuestions.flatMap((question): Column[] => [
  [question, answer(question, 'answer')],
  [`${question}_note`, answer(question, 'note')],
]);
const resource = (member: string) => (entry: Entry) => {
  const { resource: named } = entry.details;
  return isRecord(named) ? named[member] : undefined;
};

const parts = {
  requests: {
    actions: ['requested'],
    columns: [
      kindOf,
      ...details('requester', 'person', 'scope', 'circumstance', 'reason', 'ticket', 'minutes', 'legs', 'waived'),
      ...details('policy', 'requested_at', 'lapses_at'),
    ],
  },
  approvals: {
    actions: ['approved', 'denied'],
    columns: [kindOf, what('decision'), ...details('leg', 'person', 'minutes', 'comment', 'reason')],
  },
  waivers: { actions: ['ownerless_waived'], columns: [kindOf, ...details('legs')] },
  lifecycle: {
    actions: ['activated', 'ended', 'revoked', 'expired', 'lapsed', 'withdrawn'],
    columns: [
      kindOf,
      what('became'),
      ...details('activated_at', 'expires_at', 'minutes', 'person', 'reason', 'due_at'),
    ],
  },
  uses: {
    actions: ['access.allowed', 'access.denied'],
    columns: [
      what('answer'),
      ...details('subject', 'person'),
      detail('action', 'asked'),
      ['resource_type', resource('type')],
      ['resource_id', resource('id')],
      ...details('reason', 'why', 'grants', 'missing', 'expires_at', 'evaluation', 'context_request_id'),
    ],
  },
  reviews: {
    actions: ['review_opened', 'review_overdue', 'reviewed', 'review_excused'],
    columns: [what('became'), ...details('operator', 'due_at', 'person', 'reason'), ...answers],
  },
  attachments: {
    actions: ['evidence_attached'],
    columns: details('attachment', 'kind', 'title', 'links', 'sha256', 'bytes', 'late', 'person'),
  },
  policies: { actions: ['policy.adopted'], columns: details('hash', 'before', 'epoch') },
  /** Keys, roles, tenants, identities, notices, seals, refusals: whatever is none of the above. */
  other: { actions: [], columns: [['details', (entry) => entry.details]] },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;
export const partNames = Object.keys(parts) as PartName[];

const ofGrants = /^(break_glass|support_access)\.(.+)$/;
const home = new Map<string, PartName>(
  partNames.flatMap((name) => parts[name].actions.map((action): [string, PartName] => [action, name])),
);

/** The table that an entry is in. */
export function partOf(action: string): PartName {
  const word = ofGrants.exec(action)?.[2] ?? action;
  return (ofGrants.test(action) || word.includes('.') ? home.get(word) : undefined) ?? 'other';
}

/** What each row begins and ends with: its place in the tree, and what every entry has. */
const before: readonly Column[] = [
  ['entry', ({ id }) => id],
  ['at', ({ at }) => at],
  ['action', ({ action }) => action],
  ['actor', ({ actor }) => actor],
  ['tenant', ({ tenant }) => tenant],
  ['grant', ({ grant }) => grant],
];
const after: readonly Column[] = [['request_id', ({ requestId }) => requestId]];

const columnsOf = Object.fromEntries(
  partNames.map((name): [string, readonly Column[]] => [name, [...before, ...parts[name].columns, ...after]]),
) as Record<PartName, readonly Column[]>;

/** The first line of a table's CSV. */
export const partHeader = (part: PartName): string => csvLine(['leaf', ...columnsOf[part].map(([name]) => name)]);

/** One row: as a line of JSON Lines, and of the CSV. */
export function partRow(part: PartName, leaf: number, entry: Entry): { json: string; csv: string } {
  const values = columnsOf[part].map(([name, of]) => [name, of(entry) ?? null] as const);
  return {
    json: `${JSON.stringify({ leaf, ...Object.fromEntries(values) })}\n`,
    csv: csvLine([leaf, ...values.map(([, value]) => cellOf(value))]),
  };
}

/** A list of words is written as such; whatever else is no text, number or truth is written as JSON. */
export function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  const isWords = Array.isArray(value) && value.every((each) => typeof each === 'string' && /^[\w.:-]+$/.test(each));
  return isWords ? value.join(' ') : JSON.stringify(value);
}

import type { InputBlock, ModalView, PlainTextOption } from '@slack/types';
import { auditActions } from '../../domain/audit.ts';
import { anything, type TrailWish } from '../../domain/trail.ts';
import { asWord, kinds } from '../../domain/words.ts';
import { fields, modals } from '../ids.ts';
import { limits } from '../limits.ts';
import { plain } from '../text.ts';
import { placeIn, type TrailPlace } from './audit-place.ts';
import { whenFrom } from './audit-words.ts';
import { form } from './decision-forms.ts';
import { entered, type FormState } from './request-form.ts';
import { kindWords } from './words.ts';

/** Slack gives an empty menu no value: whichever is a choice like the others. */
const ANY = 'any';
/** Keeps the times of the page that the form was opened from. */
const AS_BEFORE = 'as_before';

const windows: readonly [string, string][] = [
  ['1h', 'The last hour'],
  ['24h', 'The last 24 hours'],
  ['7d', 'The last 7 days'],
  ['30d', 'The last 30 days'],
  ['1y', 'The last year'],
  ['ever', 'From the beginning'],
];

/** Narrows a trail down. It tells nothing that its reader does not know: what may be seen is looked at when it is sent. */
export function auditFilterForm(value: string, { wish }: TrailPlace): ModalView {
  const words = auditActions.map((action) => action.split('.')[0] ?? '');
  const actions = new Set([...(wish.action ? [wish.action] : []), ...words, ...auditActions]);
  const timed = wish.since || wish.until;
  return form(modals.auditFilter, 'Filter the audit trail', 'Show', value, [
    field(fields.tenant, 'Tenant', {
      ...{ type: 'plain_text_input', action_id: fields.tenant, max_length: 63 },
      placeholder: plain('Its key, for example acme'),
      ...(wish.tenant ? { initial_value: wish.tenant } : {}),
    }),
    select(
      fields.window,
      'When',
      [...(timed ? [[AS_BEFORE, 'As before'] as const] : []), ...windows],
      timed ? AS_BEFORE : 'ever',
    ),
    field(fields.person, 'By or about', {
      ...{ type: 'users_select', action_id: fields.person },
      ...(userIn(wish.person) ? { initial_user: userIn(wish.person) ?? '' } : {}),
    }),
    select(
      fields.action,
      'Action',
      [[ANY, 'Any'], ...[...actions].map((each) => [each, each] as const)],
      wish.action ?? ANY,
    ),
    select(
      fields.kind,
      'Kind',
      [[ANY, 'Any'], ...kinds.map((each) => [each, kindWords[each]] as const)],
      wish.kind ?? ANY,
    ),
  ]);
}

const field = (id: string, label: string, element: InputBlock['element']): InputBlock => ({
  ...{ type: 'input', block_id: id, optional: true, label: plain(label), element },
});

function select(
  id: string,
  label: string,
  choices: readonly (readonly [string, string])[],
  chosen: string,
): InputBlock {
  const options = choices.map(([value, text]): PlainTextOption => ({ text: plain(text, limits.optionText), value }));
  const initial = options.find(({ value }) => value === chosen);
  const element = {
    type: 'static_select',
    action_id: id,
    options,
    ...(initial ? { initial_option: initial } : {}),
  } as const;
  return field(id, label, element);
}

const userIn = (person: string | null): string | undefined => /^slack:[^:]+:([UW][A-Z0-9]+)$/.exec(person ?? '')?.[1];

/** Reads the form as submitted: what somebody looks for, and whom, whose name Slack has to say. */
export function parseAuditFilter(state: FormState, metadata: string): { wish: TrailWish; user: string | null } {
  const place = placeIn(metadata);
  const chosen = (id: string): string | null => {
    const value = entered(state, id);
    return value === undefined || value === ANY ? null : value;
  };
  const window = chosen(fields.window);
  const times = window === AS_BEFORE ? place?.wish : { since: window && whenFrom(window, 'begins'), until: null };
  const wish = {
    ...anything,
    ...{ tenant: chosen(fields.tenant)?.trim().toLowerCase() || null, action: chosen(fields.action) },
    ...{ kind: asWord(kinds, chosen(fields.kind)) ?? null, since: times?.since || null, until: times?.until || null },
  };
  return { wish, user: chosenUser(state) };
}

function chosenUser(state: FormState): string | null {
  const element: object = state[fields.person]?.[fields.person] ?? {};
  const user = 'selected_user' in element ? element.selected_user : null;
  return typeof user === 'string' && /^[UW][A-Z0-9]+$/.test(user) ? user : null;
}

import type { InputBlock, ModalView, MrkdwnElement, PlainTextOption } from '@slack/types';
import type { ScopePolicy } from '../../domain/policy.ts';
import { REASON_LENGTH } from '../../domain/policy.ts';
import {
  asWord,
  breakGlassScopes,
  type Circumstance,
  circumstances,
  type Kind,
  type Scope,
  supportScopes,
} from '../../domain/words.ts';
import { fields, modals } from '../ids.ts';
import { limits } from '../limits.ts';
import { cut, duration, plain } from '../text.ts';
import { circumstanceWords, scopeWords } from './words.ts';

export interface FormGrounds {
  kind: Kind;
  tenants: readonly { key: string; name: string }[];
  scopes: Readonly<Record<Scope, ScopePolicy>>;
}

const usualMinutes = [15, 30, 60, 90, 120, 180, 240, 480, 720, 1440];

export const callbackOf: Readonly<Record<Kind, string>> = {
  break_glass: modals.breakGlassRequest,
  support_access: modals.supportAccessRequest,
};
const titleOf: Readonly<Record<Kind, string>> = {
  break_glass: 'Break-glass request',
  support_access: 'Support access',
};

/** The form of a request. Built from memory: Slack gives three seconds from the command to the form. */
export function requestForm({ kind, tenants, scopes }: FormGrounds): ModalView {
  return {
    type: 'modal',
    callback_id: callbackOf[kind],
    title: plain(titleOf[kind], limits.modalTitle),
    submit: plain('Ask', limits.modalTitle),
    close: plain('Cancel', limits.modalTitle),
    blocks: [
      tenantBlock(tenants),
      scopeBlock(kind, scopes),
      ...circumstanceBlock(kind),
      ...textBlocks(),
      durationBlock(kind, scopes),
    ],
  };
}

/** What stands there while it is being found out whether somebody may see the form at all. */
export const skeleton = (kind: Kind): ModalView =>
  messageModal(titleOf[kind], 'One moment, checking that you are an operator.');

/** A modal that only says something. */
export const messageModal = (title: string, text: string | MrkdwnElement): ModalView => ({
  type: 'modal',
  title: plain(title, limits.modalTitle),
  close: plain('Close', limits.modalTitle),
  blocks: [{ type: 'section', text: typeof text === 'string' ? plain(text) : text }],
});

const input = (id: string, label: string, element: InputBlock['element'], hint?: string): InputBlock => ({
  type: 'input',
  block_id: id,
  label: plain(label),
  element,
  ...(hint ? { hint: plain(hint, 2000) } : {}),
});

/** A long name is cut, never the key: that is what tells two tenants apart. */
export const tenantOption = ({ key, name }: { key: string; name: string }): PlainTextOption => ({
  text: plain(`${cut(name, limits.optionText - key.length - 3)} (${key})`, limits.optionText),
  value: key,
});

/** Up to a hundred tenants fit a select; beyond that Slack asks us as the person types. */
function tenantBlock(tenants: FormGrounds['tenants']): InputBlock {
  const placeholder = plain('Choose a tenant', 150);
  if (tenants.length === 0 || tenants.length > limits.options) {
    return input(fields.tenant, 'Tenant', {
      type: 'external_select',
      action_id: fields.tenant,
      min_query_length: 0,
      placeholder: plain('Type a name or key', 150),
    });
  }
  return input(fields.tenant, 'Tenant', {
    type: 'static_select',
    action_id: fields.tenant,
    placeholder,
    options: tenants.map(tenantOption),
  });
}

const scopesOf = (kind: Kind): readonly Scope[] => (kind === 'break_glass' ? breakGlassScopes : supportScopes);

function scopeBlock(kind: Kind, scopes: FormGrounds['scopes']): InputBlock {
  const options = scopesOf(kind).map((scope) => ({
    text: plain(`${scopeWords[scope].name}, up to ${duration(scopes[scope].minutes.max)}`, limits.optionText),
    value: scope,
    description: plain(scopeWords[scope].allows, limits.optionDescription),
  }));
  return input(fields.scope, 'What for', { type: 'radio_buttons', action_id: fields.scope, options });
}

function circumstanceBlock(kind: Kind): InputBlock[] {
  if (kind !== 'break_glass') return [];
  const options = circumstances.map((name) => ({
    text: plain(circumstanceWords[name].name, limits.optionText),
    value: name,
    description: plain(circumstanceWords[name].means, limits.optionDescription),
  }));
  return [
    input(fields.circumstance, 'Why it cannot wait', {
      type: 'radio_buttons',
      action_id: fields.circumstance,
      options,
    }),
  ];
}

const textBlocks = (): InputBlock[] => [
  input(
    fields.reason,
    'Reason',
    // Slack counts UTF-16 units here; the rule counts characters and is checked again on submission.
    {
      type: 'plain_text_input',
      action_id: fields.reason,
      multiline: true,
      min_length: 1,
      max_length: limits.inputText,
    },
    `What happened and what you will do. ${REASON_LENGTH.min} to ${REASON_LENGTH.max} characters; the approvers and the audit trail keep it.`,
  ),
  input(fields.ticket, 'Ticket', { type: 'plain_text_input', action_id: fields.ticket, max_length: 100 }),
];

function durationBlock(kind: Kind, scopes: FormGrounds['scopes']): InputBlock {
  const longest = Math.max(...scopesOf(kind).map((scope) => scopes[scope].minutes.max));
  const usual = scopesOf(kind).map((scope) => scopes[scope].minutes.default);
  const minutes = [...new Set([...usualMinutes, ...usual, longest])]
    .filter((each) => each <= longest)
    .sort((a, b) => a - b);
  const options = minutes.map(minutesOption);
  const initial = options.find(({ value }) => value === String(Math.min(...usual)));
  return input(fields.duration, 'How long', {
    type: 'static_select',
    action_id: fields.duration,
    options,
    ...(initial ? { initial_option: initial } : {}),
  });
}

export const minutesOption = (minutes: number): PlainTextOption => ({
  text: plain(duration(minutes), limits.optionText),
  value: String(minutes),
});

/** What Slack sends of a form's fields: block -> element -> value. */
export type FormState = Record<
  string,
  Record<string, { value?: string | null | undefined; selected_option?: { value?: string } | null | undefined }>
>;

export const entered = (state: FormState, id: string): string | undefined => {
  const element = state[id]?.[id];
  return element?.selected_option?.value ?? element?.value ?? undefined;
};

export interface RequestFields {
  tenantKey: string;
  scope: Scope | undefined;
  circumstance: Circumstance | null;
  reason: string;
  ticket: string;
  minutes: number;
}

/** Reads the form as submitted; whatever is not there or not one of ours becomes a value that the rules refuse. */
export function parseRequestForm(kind: Kind, state: FormState): RequestFields {
  return {
    tenantKey: entered(state, fields.tenant) ?? '',
    scope: asWord(scopesOf(kind), entered(state, fields.scope)),
    circumstance: kind === 'break_glass' ? (asWord(circumstances, entered(state, fields.circumstance)) ?? null) : null,
    reason: entered(state, fields.reason) ?? '',
    ticket: entered(state, fields.ticket) ?? '',
    minutes: wholeMinutes(entered(state, fields.duration)),
  };
}

const wholeMinutes = (text: string | undefined): number => (/^\d{1,5}$/.test(text ?? '') ? Number(text) : Number.NaN);
export const commentOf = (state: FormState): string => entered(state, fields.comment) ?? '';
export const minutesOf = (state: FormState): number => wholeMinutes(entered(state, fields.duration));

import { apply } from '../domain/apply.ts';
import type { GrantEvent } from '../domain/events.ts';
import type { Grant } from '../domain/grant.ts';
import { asWord, circumstances, type GrantId, kindOf, legRoles, scopes, type TenantId } from '../domain/words.ts';
import { administered, type SaidIdentity, type SaidKey, type SaidSchedule, type SaidTenant } from './administered.ts';
import type { Entry } from './entry.ts';
import { dateIn, numberIn, personIn, textIn, textsIn, wordIn } from './fields.ts';

/** What a session owes, as the entries say it. Times as ISO 8601. */
export interface SaidReview {
  operator: string;
  dueAt: string;
  reviewed: { by: string | null; at: string; answers: unknown } | null;
  excused: { by: string | null; at: string; reason: string } | null;
}

/** What was attached to a session, as the entries say it. */
export interface SaidAttachment {
  grant: string | null;
  kind: string;
  title: string;
  links: readonly string[];
  /** Of its content, hexadecimal. */
  sha256: string;
  late: boolean;
  by: string;
}

/** What entries add up to: the state that the tables should be in. */
export interface Said {
  grants: Map<GrantId, Grant>;
  reviews: Map<GrantId, SaidReview>;
  tenants: Map<TenantId, SaidTenant>;
  /** Tenant -> account -> whether they may act although Slack calls them a guest. */
  owners: Map<TenantId, Map<string, boolean>>;
  /** Tenant -> when its owners became others last, ISO 8601; none for one whose owners are those it was made with. */
  ownersChanged: Map<TenantId, string>;
  /** `oidc:ISSUER#SUBJECT` -> whose it is. */
  identities: Map<string, SaidIdentity>;
  keys: Map<string, SaidKey>;
  attachments: Map<string, SaidAttachment>;
  /** Name -> when it last ran. */
  schedules: Map<string, string>;
  definitions: Map<string, SaidSchedule>;
  /** Entries that say what can not follow from those before, by their number. */
  impossible: { id: number | null; says: string }[];
}

export const nothingSaid = (): Said => ({
  ...{ grants: new Map(), reviews: new Map(), owners: new Map(), keys: new Map(), attachments: new Map() },
  ...{ ownersChanged: new Map(), identities: new Map() },
  ...{ tenants: new Map(), schedules: new Map(), definitions: new Map(), impossible: [] },
});

/** Whether an entry changes anything that is kept in a table: most don't, and need not be read whole. */
export function isReplayed(text: string): boolean {
  const [, action] = /^\{"v":1,"id":\d+,"at":"[^"]*","action":"([a-z_.]+)"/.exec(text) ?? [];
  return action === undefined || action in administered || grantAction.test(action);
}

const grantAction = /^(break_glass|support_access)\.(\w+)$/;

/** Takes one more entry into account, by the same rules that the bot decides by. */
export function replay(said: Said, entry: Entry): void {
  try {
    const [, , name = ''] = grantAction.exec(entry.action) ?? [];
    const special = administered[entry.action] ?? reviews[name];
    if (special) special(said, entry);
    else replayGrant(said, entry, name);
  } catch (error) {
    said.impossible.push({ id: entry.id, says: error instanceof Error ? error.message : String(error) });
  }
}

function replayGrant({ grants }: Said, entry: Entry, name: string): void {
  const id = entry.grant ?? '';
  const before = grants.get(id);
  if (name === 'requested') {
    if (before) throw new Error('it asks for what was asked for before');
    grants.set(id, requestIn(entry));
    return;
  }
  if (!before) throw new Error('it is about a grant that nobody asked for');
  const event = eventIn(name, entry);
  if (event) grants.set(id, apply(before, event));
}

function requestIn({ details, tenant, grant }: Entry): Grant {
  const scope = wordIn(details, 'scope', scopes);
  return {
    ...{ id: grant ?? '', tenant: tenant ?? '', kind: kindOf(scope), scope },
    circumstance: asWord(circumstances, details.circumstance) ?? null,
    requester: textIn(details, 'person'),
    ...{ reason: textIn(details, 'reason'), ticket: textIn(details, 'ticket') },
    ...{ minutesAsked: numberIn(details, 'minutes'), minutesGranted: numberIn(details, 'minutes') },
    legs: textsIn(details, 'legs').map((leg) => ({ role: wordIn({ leg }, 'leg', legRoles), decision: null })),
    waived: details.waived === true,
    groupMembers: (details.group_members ?? {}) as Grant['groupMembers'],
    policyHash: textIn(details, 'policy'),
    ...whence(details),
    ...(details.provider_operator === true && { providerOperator: true }),
    ...{ requestedAt: dateIn(details, 'requested_at'), lapsesAt: dateIn(details, 'lapses_at') },
    ...{ status: { state: 'requested' }, version: 1 },
  };
}

/** Whether it happened at the API. */
const whence = ({ outside }: Entry['details']): { outside?: true } => (outside === true ? { outside } : {});

/** The fact that an entry is about; null for one that changes no grant. */
function eventIn(name: string, { details }: Entry): GrantEvent | null {
  const leg = () => wordIn(details, 'leg', legRoles);
  const closed = () => dateIn(details, 'closed_at');
  switch (name) {
    case 'approved': {
      const minutes = details.minutes === null ? null : numberIn(details, 'minutes');
      const comment = details.comment === null ? null : textIn(details, 'comment');
      return {
        name,
        leg: leg(),
        by: textIn(details, 'person'),
        at: dateIn(details, 'decided_at'),
        minutes,
        comment,
        ...whence(details),
      };
    }
    case 'activated': {
      const [at, expiresAt] = [dateIn(details, 'activated_at'), dateIn(details, 'expires_at')];
      return { name, at, expiresAt, minutes: numberIn(details, 'minutes') };
    }
    case 'denied': {
      const by = textIn(details, 'person');
      return {
        name,
        leg: leg(),
        by,
        at: dateIn(details, 'decided_at'),
        reason: textIn(details, 'reason'),
        ...whence(details),
      };
    }
    case 'withdrawn': {
      const reason = details.reason === null ? null : textIn(details, 'reason');
      return { name, by: personIn(details), at: closed(), reason, ...whence(details) };
    }
    case 'revoked':
      return { name, by: personIn(details), at: closed(), reason: textIn(details, 'reason'), ...whence(details) };
    case 'ended':
      return { name, by: textIn(details, 'person'), at: closed(), ...whence(details) };
    case 'lapsed':
    case 'expired':
      return { name, at: closed(), dueAt: dateIn(details, 'due_at') };
    default:
      return null;
  }
}

/** What one entry changes. */
export type Replayed = (said: Said, entry: Entry) => void;

const reviews: Readonly<Record<string, Replayed>> = {
  review_opened: (said, { grant, details }) => {
    const due = { operator: textIn(details, 'operator'), dueAt: textIn(details, 'due_at') };
    said.reviews.set(grant ?? '', { ...due, reviewed: null, excused: null });
  },
  reviewed: (said, { grant, details }) => {
    const at = textIn(details, 'reviewed_at');
    owed(said, grant).reviewed = { by: personIn(details), at, answers: details.answers };
  },
  review_excused: (said, { grant, details }) => {
    const at = textIn(details, 'excused_at');
    owed(said, grant).excused = { by: personIn(details), at, reason: textIn(details, 'reason') };
  },
  evidence_attached: (said, { grant, actor, details }) => {
    said.attachments.set(textIn(details, 'attachment'), {
      ...{ grant, kind: textIn(details, 'kind'), title: textIn(details, 'title'), links: textsIn(details, 'links') },
      ...{ sha256: textIn(details, 'sha256'), late: details.late === true, by: actor },
    });
  },
};

function owed({ reviews: all }: Said, grant: string | null): SaidReview {
  const review = all.get(grant ?? '');
  if (!review) throw new Error('it is about a review that nobody owes');
  return review;
}

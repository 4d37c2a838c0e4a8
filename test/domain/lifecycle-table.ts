/**
 * The lifecycle as DESIGN.md §5 tells it, written down as two tables and read by `lifecycle.test.ts`.
 * It opens nothing of `src/`: a rule that changes there has to be changed here by hand.
 */

export const scenes = [
  'waiting',
  'half agreed', // its first leg is approved
  'lapse due', // nobody decided, `lapsesAt` is now, not swept
  'active',
  'expiry due', // `expiresAt` is now, not swept
  'ended',
  'revoked',
  'expired',
  'review overdue', // ended, and 72 hours later is now
  'denied', // its first leg is denied
  'withdrawn',
  'lapsed',
] as const;
export type Scene = (typeof scenes)[number];

export const shapes = {
  content_access: { legs: ['owner', 'security'], kind: 'break_glass' },
  create_platform_owner: { legs: ['ops', 'security'], kind: 'break_glass' },
  workspace_recovery: { legs: ['owner'], kind: 'support_access' },
} as const;
export type Shape = keyof typeof shapes;
export type Leg = 'owner' | 'ops' | 'security';

const deciding = ['approve', 'approve_shorter', 'deny'] as const;
export const verbs = [
  ...deciding.flatMap((verb) => (['owner', 'ops', 'security'] as const).map((leg) => `${verb} ${leg}` as const)),
  'withdraw',
  'end',
  'revoke',
  'lapse',
  'expire',
  'leave',
  'review',
  'excuse',
] as const;
export type Verb = (typeof verbs)[number];

// ---- who may: what each of these people counts as for this grant ----

interface Counts {
  fills: readonly Leg[];
  revokes: boolean;
  reviews: boolean;
  excuses: boolean;
  oneself: boolean;
}
const counts = (fills: readonly Leg[], may = '', oneself = false): Counts => ({
  fills,
  revokes: may.includes('revoke'),
  reviews: may.includes('review'),
  excuses: may.includes('excuse'),
  oneself,
});

export const people = {
  'the requester': counts([], '', true),
  'the requester, who holds every staff role': counts(['ops', 'security'], 'revoke review excuse', true),
  'the requester, who owns the tenant': counts(['owner'], 'revoke', true),
  'an owner of the tenant': counts(['owner'], 'revoke'),
  ops: counts(['ops'], 'revoke'),
  security: counts(['security'], 'revoke review excuse'),
  'an auditor': counts([], 'review'),
  'an admin': counts([], 'revoke'),
  'another operator': counts([]),
  'somebody without a role': counts([]),
  'a guest who owns, not allowed by the file': counts([]),
  'a guest who owns, allowed by the file': counts(['owner'], 'revoke'),
  'an owner from a connected company': counts(['owner'], 'revoke'),
  'somebody refused by the provider, with every role': counts([]),
  'somebody the provider could not vouch for, with every role': counts([]),
  'ops and security by a group, in it at the request': counts(['ops', 'security'], 'revoke review excuse'),
  // Who joins later gets nothing, over the grant or over its review: whoever sits in judgement was there before.
  'ops and security by a group, joined after the request': counts([]),
  'ops and security by a group at the request, left it since': counts([]),
  'ops by a group at the request, joined that of security since': counts(['ops'], 'revoke'),
  'an auditor by a group, in it at the request': counts([], 'review'),
  'an auditor by a group, joined after the request': counts([]),
} satisfies Record<string, Counts>;
export type Somebody = keyof typeof people;

// ---- from which state: what somebody who may is answered ----

type Answers = Partial<Record<Scene, string>> & { otherwise: string };
const each = (some: readonly Scene[], answer: string) => Object.fromEntries(some.map((scene) => [scene, answer]));

const open: Scene[] = ['waiting', 'half agreed'];
const closedLately: Scene[] = ['ended', 'revoked', 'expired'];
const closedAfterUse: Scene[] = [...closedLately, 'review overdue'];
const onceActive: Scene[] = ['active', 'expiry due', ...closedAfterUse];
const neverActive: Scene[] = ['denied', 'withdrawn', 'lapsed'];

const toFirst = { ...each(onceActive, 'leg_decided'), 'half agreed': 'leg_decided', denied: 'leg_decided' };
const toLast = each(onceActive, 'leg_decided');

const answers: Record<string, Answers> = {
  'approve first leg': { waiting: 'approved -> requested', ...toFirst, otherwise: 'not_requested' },
  'approve second leg': {
    waiting: 'approved -> requested',
    'half agreed': 'approved, activated -> active',
    ...toLast,
    otherwise: 'not_requested',
  },
  'approve only leg': { waiting: 'approved, activated -> active', ...toFirst, otherwise: 'not_requested' },
  'deny first leg': { waiting: 'denied -> denied', ...toFirst, otherwise: 'not_requested' },
  'deny second leg': { ...each(open, 'denied -> denied'), ...toLast, otherwise: 'not_requested' },
  'deny only leg': { waiting: 'denied -> denied', ...toFirst, otherwise: 'not_requested' },
  'approve no leg': { otherwise: 'not_a_leg' },
  'deny no leg': { otherwise: 'not_a_leg' },
  withdraw: { ...each(open, 'withdrawn -> withdrawn'), otherwise: 'not_requested' },
  end: { active: 'ended -> ended', otherwise: 'not_active' },
  revoke: { active: 'revoked -> revoked', otherwise: 'not_active' },
  lapse: { ...each(open, 'not_due'), 'lapse due': 'lapsed -> lapsed', otherwise: 'not_requested' },
  expire: { active: 'not_due', 'expiry due': 'expired -> expired', otherwise: 'not_active' },
  leave: { ...each(open, 'withdrawn -> withdrawn'), active: 'revoked -> revoked', otherwise: 'nothing' },
  'review break_glass': {
    ...each(closedAfterUse, 'reviewed'),
    ...each(neverActive, 'no_review'),
    otherwise: 'not_closed',
  },
  'review support_access': {
    ...each([...closedAfterUse, ...neverActive], 'no_review'),
    otherwise: 'not_closed',
  },
  'excuse break_glass': {
    ...each(closedLately, 'not_due'),
    'review overdue': 'review_excused',
    otherwise: 'no_review',
  },
  'excuse support_access': { otherwise: 'no_review' },
};

/** What the state is called to whoever asks: what is due counts as done. */
const seenAs: Partial<Record<Scene, string>> = {
  waiting: 'requested',
  'half agreed': 'requested',
  'lapse due': 'lapsed',
  'expiry due': 'expired',
  'review overdue': 'ended',
};

/** The outcome of one cell: events and the state after them, or the kind of the refusal and the state it names. */
export function expected(verb: Verb, scene: Scene, who: Somebody, shape: Shape): string {
  const person = people[who];
  const answer = () => answerTo(verb, scene, shape);
  const [act, leg] = verb.split(' ');
  switch (act) {
    case 'lapse':
    case 'expire':
    case 'leave':
      return answer(); // the clock's: nobody asks
    case 'withdraw':
    case 'end':
      return person.oneself ? answer() : 'not_yours';
    case 'revoke':
      return person.revokes ? answer() : 'not_the_role';
    case 'review':
      if (!person.reviews) return 'not_the_role';
      return person.oneself ? 'own_request' : answer();
    case 'excuse':
      if (!person.excuses) return 'not_the_role';
      return person.oneself && answer() !== 'no_review' ? 'own_request' : answer();
    default:
      if (person.oneself) return 'own_request';
      return person.fills.some((role) => role === leg) ? answer() : 'not_the_role';
  }
}

function answerTo(verb: Verb, scene: Scene, shape: Shape): string {
  const row = answers[rowOf(verb, shape)];
  if (row === undefined) throw new Error(`The table has no row for ${verb} of ${shape}.`);
  const answer = row[scene] ?? row.otherwise;
  const named = answer === 'not_requested' || answer === 'not_active';
  return named ? `${answer}: ${seenAs[scene] ?? scene}` : answer;
}

function rowOf(verb: Verb, shape: Shape): string {
  const [act = '', leg] = verb.split(' ');
  if (act === 'review' || act === 'excuse') return `${act} ${shapes[shape].kind}`;
  if (leg === undefined) return act;
  const all: readonly string[] = shapes[shape].legs;
  const place = !all.includes(leg) ? 'no' : all.length === 1 ? 'only' : all[0] === leg ? 'first' : 'second';
  return `${act === 'deny' ? 'deny' : 'approve'} ${place} leg`;
}

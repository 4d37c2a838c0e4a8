import { exits, NotDone, WrongUse } from '../exits.ts';
import { facts, remark, table } from '../terminal.ts';
import { when } from '../when.ts';
import { type Api, rowsOf, type Thing, textIn, thingIn, thingsIn } from './client.ts';

/** Of an id, so many characters are enough where they are one's alone. */
const SHORTEST_PREFIX = 4;

/** The words of a command that is about one request or access. */
export const grantWord = {
  name: 'ID',
  says: `the id of a request or access, or its first ${SHORTEST_PREFIX} characters or more where no other begins with them`,
  needed: true,
} as const;

/**
 * The whole id behind what was typed. A beginning is looked up among the newest that the caller may see, and the whole id
 * is said, so that nobody acts on another one than they meant.
 * @throws WrongUse, NotDone
 */
export async function idFor(api: Api, typed: string): Promise<string> {
  const text = typed.toLowerCase();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  if (!/^[0-9a-f-]+$/.test(text) || text.length < SHORTEST_PREFIX || text.length > 36) {
    throw new WrongUse(`ID: expected an id, or its first ${SHORTEST_PREFIX} characters or more.`);
  }
  const { rows, whole } = await rowsOf(api, '/v1/grants');
  const found = rows.map(({ id }) => textIn(id)).filter((id) => id.startsWith(text));
  const [id, ...others] = found;
  if (id === undefined) {
    const where = whole ? '' : ' among the newest 1,000. Use the whole id.';
    throw new NotDone(exits.nothing, `There is no request or access ${text}...${where}`);
  }
  if (others.length > 0) throw new WrongUse(`ID: ${found.length} begin with ${text}: ${found.slice(0, 5).join(', ')}.`);
  remark(`${text}: ${id}`);
  return id;
}

const words = (value: unknown): string => textIn(value).replaceAll('_', ' ');

/** Many requests and accesses, a line each. */
export function grantTable(grants: readonly Thing[], at: Date | null): string {
  if (grants.length === 0) return 'There is none.';
  return table(
    ['ID', 'STATE', 'TENANT', 'SCOPE', 'REQUESTER', 'TICKET', 'NEXT'],
    grants.map((grant) => [
      textIn(grant.id).slice(0, 8),
      textIn(grant.state),
      textIn(thingIn(grant.tenant).key),
      textIn(grant.scope),
      textIn(grant.requester),
      textIn(grant.ticket),
      nextOf(grant, at),
    ]),
  );
}

/** What comes next, or what was last. */
function nextOf(grant: Thing, at: Date | null): string {
  if (grant.state === 'requested') return `${openLegs(grant)}, until ${when(grant.lapses_at, at)}`;
  if (grant.state === 'active') return `ends ${when(grant.expires_at, at)}`;
  return when(thingIn(grant.closed).at, at);
}

const openLegs = (grant: Thing): string => {
  const open = thingsIn(grant.legs).filter(({ decision }) => decision === null);
  return `waits for ${open.map(({ role }) => textIn(role)).join(', ')}`;
};

/** One request or access with everything that is known of it. */
export function grantFacts(grant: Thing, at: Date | null): string {
  const tenant = thingIn(grant.tenant);
  const uses = thingIn(grant.uses);
  const review = thingIn(grant.review);
  const active = grant.activated_at !== null;
  return facts([
    ['id', textIn(grant.id)],
    ['state', textIn(grant.state)],
    ['tenant', `${textIn(tenant.key)} (${textIn(tenant.name)})`],
    ['scope', `${words(grant.kind)}: ${words(grant.scope)}`],
    ['circumstance', words(grant.circumstance)],
    ['requester', `${textIn(grant.requester)}${viaOf(grant.requested_via)}`],
    ['reason', textIn(grant.reason)],
    ['ticket', textIn(grant.ticket)],
    ['minutes', minutesOf(grant)],
    ['waiver', grant.waived === true ? 'the tenant has no owner: ops and security decide instead' : null],
    ['requested', when(grant.requested_at, at)],
    ['lapses', grant.state === 'requested' ? when(grant.lapses_at, at) : null],
    ...thingsIn(grant.legs).map((leg): [string, string] => [`leg ${textIn(leg.role)}`, decisionOf(leg, at)]),
    ['active since', active ? when(grant.activated_at, at) : null],
    ['ends', grant.state === 'active' ? when(grant.expires_at, at) : null],
    ['closed', closedOf(grant, at)],
    ['used', active ? `${textIn(uses.allowed)} times allowed, ${textIn(uses.refused)} refused` : null],
    ['review', review.state === undefined ? null : `${textIn(review.state)}, due ${when(review.due_at, at)}`],
  ]);
}

const viaOf = (via: unknown): string => (via === 'api' ? ', outside Slack' : '');

function minutesOf({ minutes_asked: asked, minutes_granted: granted }: Thing): string {
  return asked === granted ? textIn(asked) : `${textIn(granted)} of the ${textIn(asked)} that were asked for`;
}

function decisionOf(leg: Thing, at: Date | null): string {
  if (leg.decision === null) return 'waits';
  const { verdict, by, at: moment, via, minutes, comment } = thingIn(leg.decision);
  const shorter = minutes === null ? '' : ` for ${textIn(minutes)} minutes`;
  const said = textIn(comment) === '' ? '' : `: ${textIn(comment)}`;
  return `${textIn(verdict)}${shorter} by ${textIn(by)}${viaOf(via)}, ${when(moment, at)}${said}`;
}

function closedOf({ closed }: Thing, at: Date | null): string | null {
  if (closed === null || closed === undefined) return null;
  const { at: moment, by, via, reason } = thingIn(closed);
  const who = by === null ? '' : ` by ${textIn(by)}${viaOf(via)}`;
  return `${when(moment, at)}${who}${textIn(reason) === '' ? '' : `: ${textIn(reason)}`}`;
}

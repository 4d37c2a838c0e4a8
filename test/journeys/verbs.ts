import { cast, type Player } from '../../sandbox/cast.ts';
import {
  type ClickOutcome,
  type Message,
  type Person,
  pressable,
  renderMessage,
  type SubmitOutcome,
} from '../../sandbox/slack/index.ts';
import type { TestStack } from '../support/stack.ts';
import { watch } from './watch.ts';

/** What people do in the journeys, each in one line. */

export type Who = Player | { id: string };
export const as = ({ slack }: TestStack, who: Who): Person => slack.as(typeof who === 'string' ? cast[who].id : who.id);

export interface Asking {
  by?: Who;
  tenant?: string;
  scope?: string;
  circumstance?: string;
  reason?: string;
  ticket?: string;
  duration?: string;
}

const supportScopes = ['audit_view', 'workspace_recovery'];
export const commandFor = (scope: string) => (supportScopes.includes(scope) ? '/support-access' : '/breakglass');
export const formFor = (scope: string) =>
  supportScopes.includes(scope) ? 'support_access_request' : 'break_glass_request';

/** A form as it has to be filled in for a scope. */
export function entriesFor({ by: _, scope = 'content_access', ...given }: Asking = {}): Record<string, string> {
  return {
    tenant: 'acme',
    scope,
    ...(supportScopes.includes(scope) ? {} : { circumstance: 'critical_incident' }),
    reason: 'The import is corrupting documents',
    ticket: 'INC-42',
    duration: '30',
    ...given,
  };
}

export async function openForm(stack: TestStack, by: Who, scope = 'content_access'): Promise<Person> {
  const person = as(stack, by);
  await putAway(person);
  await person.command(commandFor(scope));
  await person.modal(formFor(scope));
  return person;
}

/** A form that is still open from before would be taken for the new one. */
async function putAway(person: Person): Promise<void> {
  if (person.view) await person.close({ all: true });
}

/** Types the command, fills in the form and sends it. */
export async function submitRequest(stack: TestStack, asking: Asking = {}): Promise<SubmitOutcome> {
  const person = await openForm(stack, asking.by ?? 'olivia', asking.scope);
  return person.submit(entriesFor(asking), { force: true });
}

/** Asks for access. @returns the grant's id */
export async function ask(stack: TestStack, asking: Asking = {}): Promise<string> {
  const sent = await submitRequest(stack, asking);
  if (sent.kind !== 'closed') throw new Error(`The request was not taken: ${JSON.stringify(sent)}`);
  const [grant] = await stack.db.query<{ id: string }>(
    'superuser',
    'select id from grants order by requested_at desc limit 1',
  );
  if (!grant) throw new Error('There is no grant.');
  return grant.id;
}

/** The card of a grant in a channel, or with a person; as soon as it shows what it should. */
export const cardIn = (stack: TestStack, destination: string, grant: string, shows = ''): Promise<Message> =>
  eventually(
    stack,
    async () => {
      const [at] = await stack.db.query<{ channel: string; ts: string }>(
        'superuser',
        "select channel, ts from posted_messages where grant_id = $1 and destination = $2 and subject = 'grant'",
        [grant, destination],
      );
      const message = at && stack.slack.message(at.channel, at.ts);
      return message && read(stack, message).includes(shows) ? message : undefined;
    },
    `the card of ${grant} in ${destination} to show "${shows}"`,
  );

/** A message as its readers see it. */
export const read = ({ slack }: TestStack, message: Pick<Message, 'text' | 'blocks'>): string =>
  renderMessage(message, slack.reader());

export const dmOf = (stack: TestStack, who: Who): string => as(stack, who).dm();

/** A message that is there or will be, in a channel or a direct message. */
export const said = (stack: TestStack, channel: string, words: string): Promise<Message> =>
  eventually(
    stack,
    async () => stack.slack.messages(channel).find((message) => read(stack, message).includes(words)),
    `"${words}" in ${channel}`,
  );

/** What the bot told somebody, and nobody else, since a number of such messages. */
export const toldAfter = (stack: TestStack, who: Who, before: number): Promise<Message> =>
  stack.slack.until(() => as(stack, who).ephemerals[before], `an answer to ${as(stack, who).id}`);

/** Does something and waits for the answer that only this person sees. */
export async function answerTo(stack: TestStack, who: Who, act: () => Promise<unknown>): Promise<string> {
  const before = as(stack, who).ephemerals.length;
  await act();
  return read(stack, await toldAfter(stack, who, before));
}

/** Types a command that is answered in words. */
export const command = (stack: TestStack, who: Who, text: string): Promise<string> => {
  const [name = '', ...rest] = text.split(' ');
  return answerTo(stack, who, () => as(stack, who).command(name, rest.join(' ')));
};

/** Presses a button on a grant's card, as soon as it is there; also as somebody who is not in that channel. */
export async function press(
  stack: TestStack,
  who: Who,
  place: string,
  grant: string,
  button: string,
): Promise<ClickOutcome> {
  const card = await eventually(
    stack,
    async () => {
      const message = await cardIn(stack, place, grant);
      return pressable(message.blocks).includes(button) && message;
    },
    `the button ${button} on the card of ${grant} in ${place}`,
  );
  return as(stack, who).click(card, button, { force: true });
}

export const approve = (stack: TestStack, who: Who, place: string, grant: string) =>
  press(stack, who, place, grant, 'approve');

/** Presses a button that opens a form, fills that in and sends it. */
export async function decideByForm(
  stack: TestStack,
  who: Who,
  place: string,
  grant: string,
  button: 'deny' | 'revoke' | 'approve_shorter',
  entries: Record<string, string>,
): Promise<SubmitOutcome> {
  const person = as(stack, who);
  await putAway(person);
  await press(stack, who, place, grant, button);
  await person.modal({ deny: 'deny_reason', revoke: 'revoke_reason', approve_shorter: 'approve_shorter' }[button]);
  return person.submit(entries, { force: true });
}

export async function stateOf({ db }: TestStack, grant: string): Promise<string | undefined> {
  const [row] = await db.query<{ state: string }>('superuser', 'select state from grants where id = $1', [grant]);
  return row?.state;
}

export const untilState = async (stack: TestStack, grant: string, state: string): Promise<true> => {
  const { until } = await watch(stack.db);
  return until(async () => (await stateOf(stack, grant)) === state, `${grant} to be ${state}`);
};

/** The audit's actions about a grant, oldest first. */
export async function auditOf({ db }: TestStack, grant: string): Promise<string[]> {
  const rows = await db.query<{ action: string }>(
    'superuser',
    'select action from audit_events where grant_id = $1 order by id',
    [grant],
  );
  return rows.map(({ action }) => action);
}

/** Looks again after every change; where a channel only rests between two messages, the clock moves on meanwhile. */
export async function eventually<T>(stack: Pick<TestStack, 'db'>, look: () => Promise<T>, what: string) {
  const { until } = await watch(stack.db);
  return until(async () => {
    const value = await look();
    if (!value) await skipRests(stack);
    return value;
  }, what);
}

/** Waits until everything that waits has been delivered or given up. */
export const quiet = async (stack: TestStack): Promise<void> => {
  // A click is acknowledged before it is worked on: what it causes may not be written yet.
  await Promise.all(stack.bots.map((bot) => bot.idle(10_000)));
  await eventually(stack, async () => (await skipRests(stack)) === 0, 'every notice to be settled');
};

/** @returns how many destinations have something waiting */
async function skipRests({ db }: Pick<TestStack, 'db'>): Promise<number> {
  const [now] = await db.query<{ waiting: number; leased: number; ms: number | null }>(
    'superuser',
    `select count(*)::int as waiting, count(l.leased_until)::int as leased,
            ceil(extract(epoch from min(greatest(l.next_at, o.not_before)) - breakglass_now()) * 1000)::int as ms
       from lanes l join lateral (select not_before from outbox o
              where o.destination = l.destination and o.state = 'waiting' order by o.id limit 1) o on true`,
  );
  // Somebody delivers: moving the clock now could cost them their lease.
  if (now && now.leased === 0 && now.ms !== null && now.ms > 0) await db.clock.advance(now.ms);
  return now?.waiting ?? 0;
}

/** Ends and withdraws whatever is open, as those who asked would, so that the next test begins with nothing. */
export async function tidy(stack: TestStack): Promise<void> {
  const open = await stack.db.query<{ id: string; state: string; user: string }>(
    'superuser',
    `select g.id, g.state, i.external_id as user from grants g join identities i on i.person_id = g.requester_id
      where g.state in ('requested', 'active')`,
  );
  for (const { id, state, user } of open) {
    const person = stack.slack.as(user);
    const action = state === 'active' ? 'end' : 'withdraw';
    await person.clickRaw({ action_id: action, value: id }, { channel: person.dm(), ts: '1.000001' });
    await untilState(stack, id, action === 'end' ? 'ended' : 'withdrawn');
  }
  await quiet(stack);
}

import { isDeepStrictEqual } from 'node:util';
import { accountOf, cast, nameOfActor, type Player } from '../cast.ts';
import { SERVICE } from '../service.ts';
import { name, placeOf, step } from './acts.ts';
import { Mismatch } from './mismatch.ts';
import { type Looks, PATIENCE_MS, type Play, type Step, type Where } from './play.ts';
import { readView, shownMoment } from './reading.ts';
import type { AuditRow } from './records.ts';

/** What people see and what is on record, each in one step. */

/** The card of a ticket, as somebody sees it in a place. */
export const card = (who: Player, where: Where, ticket: string, looks: Looks): Step =>
  step(
    `${placeOf(who, where)}${where === 'dm' ? '' : `, seen by ${name(who)}`}: the card of ${ticket}`,
    async (play) => play.draw(await play.looks(() => play.card(who, where, ticket), looks, ticket), ticket),
    { scene: { who, where }, about: ticket, seenOn: 'screen' },
  );

/** The card of a ticket's review, as somebody sees it in a place. */
export const review = (who: Player, where: Where, ticket: string, looks: Looks): Step =>
  step(
    `${placeOf(who, where)}, seen by ${name(who)}: the review of ${ticket}`,
    async (play) => {
      const find = () => play.card(who, where, ticket, 'review');
      return play.draw(await play.looks(find, looks, ticket), ticket, 'review');
    },
    { scene: { who, where }, about: ticket, seenOn: 'screen' },
  );

/** What stands in security when a session has ended. */
export const reviewOpened = (ticket: string, says: readonly string[] = []): Step =>
  review('sofia', 'security', ticket, {
    says: [...says, 'Evidence: none attached', 'Due '],
    buttons: ['Review', 'Evidence'],
  });

/** The same card in several places. */
export const cards = (places: readonly (readonly [Player, Where])[], ticket: string, looks: Looks): Step[] =>
  places.map(([who, where]) => card(who, where, ticket, looks));

/** A new message in a place, the first that says this. */
export const told = (who: Player, where: Where, says: readonly string[], ticket?: string): Step =>
  step(
    `${placeOf(who, where)}${where === 'dm' ? '' : `, seen by ${name(who)}`}: a message`,
    async (play) => {
      const [start = ''] = says;
      const find = () => {
        const unread = play.unread(who, where);
        return unread.find((message) => play.read(message).startsWith(start)) ?? unread.at(-1);
      };
      const message = await play.looks(find, { says }, ticket);
      play.show(message);
      return play.read(message).split('\n');
    },
    { scene: { who, where }, about: ticket, seenOn: 'screen' },
  );

/** An answer that only the person who acted sees. */
export const toldAlone = (who: Player, says: readonly string[], ticket?: string): Step =>
  step(
    `${name(who)} is told, and nobody else`,
    async (play) => {
      const unread = () => play.overlooked().filter(({ ephemeralTo }) => ephemeralTo === cast[who].id);
      const message = await play.looks(() => unread().at(-1), { says }, ticket);
      const others = unread().length;
      if (others !== 1) throw new Mismatch('one answer', `${others} answers`);
      play.show(message);
      return play.read(message).split('\n');
    },
    { scene: { who }, about: ticket, seenOn: 'screen' },
  );

/** A window that only says something, in place of a form. */
export const refusedInWindow = (who: Player, says: string): Step =>
  step(
    `${name(who)} sees a window instead of the form`,
    async (play) => {
      const screen = () => {
        const { view } = play.person(who);
        return view && readView(view, play.reader);
      };
      const seen = await play.until(
        () => (screen()?.includes(says) ? screen() : undefined),
        () => says,
        () => screen() ?? 'no window',
      );
      return seen.split('\n');
    },
    { scene: { who }, seenOn: 'screen' },
  );

/** Moves the clock to a moment, once everything said before has arrived. */
export const clock = (title: string, moment: (play: Play) => Promise<Date>): Step =>
  step(
    `The clock moves to ${title}`,
    async (play) => {
      await play.records.quiet(PATIENCE_MS);
      const at = await moment(play);
      await play.clock.advanceTo(at);
      return [`It is ${shownMoment(at)} UTC.`];
    },
    { seenOn: 'screen' },
  );

export interface ExpectedRow {
  action: string;
  actor: string;
  details: Readonly<Record<string, unknown>>;
}

/** An audit row, with those of its details that the step is about. */
export const row = (action: string, by: Actor, details: ExpectedRow['details'] = {}): ExpectedRow => ({
  action,
  actor: asRecorded(by),
  details,
});

type Actor = Player | 'clock' | 'service';

function asRecorded(by: Actor): string {
  if (by === 'clock') return 'system:clock';
  return by === 'service' ? `key:${SERVICE}` : accountOf(by);
}

/** The audit rows written since the last such step: these, in this order, and no others. */
export const onRecord = (...expected: readonly ExpectedRow[]): Step =>
  step(
    expected.length > 0 ? 'On record' : 'On record: nothing new',
    async ({ records }) => {
      const found = await records.added();
      const right = found.length === expected.length && expected.every((each, index) => fits(each, found[index]));
      if (!right)
        throw new Mismatch(table(expected), table(found.map((each, index) => narrowed(each, expected[index]))));
      return expected.map(line);
    },
    { seenOn: 'record' },
  );

const fits = ({ action, actor, details }: ExpectedRow, found: AuditRow | undefined): boolean =>
  found?.action === action &&
  found.actor === actor &&
  Object.entries(details).every(([key, value]) => isDeepStrictEqual(found.details[key], value));

/** A row that was found, with the details that the expected one has; all of them where none was expected. */
function narrowed({ action, actor, details }: AuditRow, expected: ExpectedRow | undefined): ExpectedRow {
  const keys = Object.keys(expected?.details ?? details);
  return { action, actor, details: Object.fromEntries(keys.map((key) => [key, details[key]])) };
}

const table = (rows: readonly ExpectedRow[]): string => rows.map(line).join('\n') || 'nothing';

function line({ action, actor, details }: ExpectedRow): string {
  const facts = Object.entries(details).map(
    ([key, value]) => `${key} ${Array.isArray(value) ? value.join('+') : value}`,
  );
  return `${action.padEnd(34)}${nameOfActor(actor).padEnd(12)}${facts.join(', ')}`.trimEnd();
}

/** How many grants came of a ticket. */
export const grantsOf = (ticket: string, count: number): Step =>
  step(
    `In the database: ${count === 1 ? 'one grant' : `${count} grants`} for ${ticket}`,
    async ({ records }) => {
      const found = await records.grants(ticket);
      if (found.length !== count) throw new Mismatch(`${count} for ${ticket}`, `${found.length}`);
      return [];
    },
    { about: ticket },
  );

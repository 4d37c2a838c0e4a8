import { Mismatch } from '../mismatch.ts';
import type { Play } from '../play.ts';

const HOUR_MS = 60 * 60_000;

/** When the access of a ticket ends. */
export const endOf =
  (ticket: string) =>
  async ({ records }: Play): Promise<Date> =>
    (await grantOf(records, ticket)).expires_at ?? never('an end', ticket);

/** When the request of a ticket lapses. */
export const lapseOf =
  (ticket: string) =>
  async ({ records }: Play): Promise<Date> =>
    (await grantOf(records, ticket)).lapses_at;

/** When the review of a ticket is due. */
export const reviewDueOf =
  (ticket: string) =>
  async ({ records }: Play): Promise<Date> => {
    const { closed_at: closed } = await grantOf(records, ticket);
    return closed ? new Date(closed.getTime() + 72 * HOUR_MS) : never('an end', ticket);
  };

/** The next full hour of the day, in UTC. */
export const nextHour =
  (hour: number) =>
  async ({ clock }: Pick<Play, 'clock'>): Promise<Date> => {
    const now = await clock.now();
    const today = new Date(now).setUTCHours(hour, 0, 0, 0);
    return new Date(today > now.getTime() ? today : today + 24 * HOUR_MS);
  };

/** An hour after a moment: what is due once a day was last told a few moments after its time. */
export const anHourAfter =
  (moment: (play: Play) => Promise<Date>) =>
  async (play: Play): Promise<Date> =>
    new Date((await moment(play)).getTime() + HOUR_MS);

const grantOf = async (records: Play['records'], ticket: string) =>
  (await records.grants(ticket)).at(-1) ?? never('a request', ticket);

function never(what: string, ticket: string): never {
  throw new Mismatch(`${what} for ${ticket}`, 'none');
}

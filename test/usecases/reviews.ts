import { end } from '../../src/usecases/end.ts';
import { active, type Office, work } from './office.ts';

export const HOUR_MS = 60 * 60_000;
export const DAY_MS = 24 * HOUR_MS;
/** From the end of a session to the moment its review is due. */
export const DUE_MS = 72 * HOUR_MS;

/** A session of Olivia's that is over. */
export async function closed(at: Office): Promise<string> {
  const grant = await active(at);
  await end(at.context, { actor: await at.actor('olivia'), grant }, work());
  return grant;
}

/** One whose review is overdue by the clock. */
export async function overdue(at: Office): Promise<string> {
  const grant = await closed(at);
  await at.db.clock.advance(DUE_MS + 1_000);
  return grant;
}

/** One that ran out and that nobody has closed yet. */
export async function ranOut(at: Office): Promise<string> {
  const grant = await active(at);
  await at.db.clock.advance(HOUR_MS + 1_000);
  return grant;
}

export interface Noticed {
  kind: string;
  destination: string;
  payload: Record<string, unknown>;
}

/** What there is to tell of reviews, in the order it was written; everything of one piece of work where it is named. */
export const noticesOfReviews = ({ db }: Office, requestId: string | null = null) =>
  db.query<Noticed & { [column: string]: unknown }>(
    'superuser',
    `select kind, destination, payload from outbox where kind in ('review_card', 'review_overdue', 'reviews_open')
       and ($1::text is null or request_id = $1) order by id`,
    [requestId],
  );

/** Kind and destination of each. */
export const addressed = (notices: readonly Noticed[]) =>
  notices.map(({ kind, destination }) => `${kind} ${destination}`);

export const versionOf = async ({ db }: Office, grant: string): Promise<number | undefined> => {
  const [row] = await db.query<{ version: number }>('superuser', 'select version from reviews where grant_id = $1', [
    grant,
  ]);
  return row?.version;
};

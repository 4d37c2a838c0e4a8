import type { GrantId } from '../domain/words.ts';
import { reviewCardPlace } from '../usecases/list-reviews.ts';
import { slackFailure } from './clients.ts';
import type { Door } from './door.ts';

/** The address of a message, as Slack's own "Copy link" gives it; null where Slack does not say. */
export async function addressOf(
  { slack, log }: Pick<Door, 'slack' | 'log'>,
  place: { channel: string; ts: string } | null,
): Promise<string | null> {
  if (place === null) return null;
  try {
    const { permalink } = await slack.quick.chat.getPermalink({ channel: place.channel, message_ts: place.ts });
    return permalink ?? null;
  } catch (error) {
    log.warn({ slack_error: slackFailure(error).error }, 'the address of a message could not be found out');
    return null;
  }
}

/** Where a review waits for its answers. */
export const addressOfReview = async (door: Door, grant: GrantId): Promise<string | null> =>
  addressOf(door, await reviewCardPlace(door.context, grant));

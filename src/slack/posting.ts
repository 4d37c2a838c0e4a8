import type { WebClient } from '@slack/web-api';
import type { QueuedNotice } from '../store/deliveries.ts';
import type { Posted } from '../store/posted-cards.ts';
import { slackFailure } from './clients.ts';
import type { Message } from './views/card.ts';

/** The notice's id travels with the message, so that a second copy after a lost answer can be told from a new one. */
const metadataOf = ({ id }: QueuedNotice) => ({
  event_type: 'breakglass_notice',
  event_payload: { notice: String(id) },
});

const late = ({ late: isLate }: QueuedNotice, message: Message): Message =>
  isLate
    ? {
        text: `Late: ${message.text}`,
        blocks: [
          {
            type: 'context',
            elements: [{ type: 'mrkdwn', text: 'Sent late: it could not be delivered at its time.' }],
          },
          ...message.blocks,
        ],
      }
    : message;

/** Posts a message; an answer without a place is a defect. */
export async function post(slack: WebClient, destination: string, message: Message, queued: QueuedNotice) {
  const { ts, channel } = await slack.chat.postMessage({
    channel: destination,
    ...late(queued, message),
    unfurl_links: false,
    unfurl_media: false,
    metadata: metadataOf(queued),
  });
  if (!ts || !channel) throw new Error('Slack took a message without saying where it stands.');
  return { ts, channel };
}

/** @returns false where the message is gone, so that the card is posted again */
export async function edit(
  slack: WebClient,
  { channel, ts }: Posted,
  message: Message,
  queued: QueuedNotice,
): Promise<boolean> {
  try {
    await slack.chat.update({ channel, ts, ...message, metadata: metadataOf(queued) });
    return true;
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === 'refused' && failure.error === 'message_not_found') return false;
    throw error;
  }
}

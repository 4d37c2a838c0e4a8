import type { ModalView } from '@slack/types';
import { slackFailure } from '../clients.ts';
import type { Door } from '../door.ts';
import { limits } from '../limits.ts';
import { mrkdwn, plain } from '../text.ts';
import type { Message } from '../views/card.ts';
import type { ButtonArgs, Respond } from './asking.ts';

/** Where the answer to a click is seen: beside its message, or in the modal that the button is in. */
export const screenOf = (door: Door, { body, respond }: ButtonArgs): Respond =>
  body.view ? inModal(door, body.view.id) : respond;

/** Answers take the place of what the modal shows. */
export function inModal({ slack, log }: Door, viewId: string): Respond {
  return async ({ text, blocks }) => {
    const view = trailModal(blocks ? { text, blocks } : text);
    await slack.quick.views.update({ view_id: viewId, view }).catch((error: unknown) => {
      log.warn({ slack_error: slackFailure(error).error }, 'an answer could not be shown in its modal');
    });
  };
}

/** A page, or a sentence in its place. */
export const trailModal = (said: Message | string): ModalView => ({
  type: 'modal',
  title: plain('Audit trail', limits.modalTitle),
  close: plain('Close', limits.modalTitle),
  blocks: typeof said === 'string' ? [{ type: 'section', text: mrkdwn(said) }] : said.blocks,
});

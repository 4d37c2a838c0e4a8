import type { App, ViewSubmitAction } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { LocalSlack } from '../../sandbox/slack/index.ts';
import { boltApp, localSlack, option, plain } from './cast.ts';

/** A form like the bot’s: two menus, a text with bounds, an optional one. */
export const form = (over: Partial<ModalView> = {}): ModalView => ({
  type: 'modal',
  callback_id: 'request',
  private_metadata: 'kept',
  title: plain('Request'),
  submit: plain('Send'),
  blocks: [
    {
      type: 'input',
      block_id: 'tenant',
      label: plain('Tenant'),
      element: { type: 'static_select', action_id: 'tenant', options: [option('acme'), option('umbra')] },
    },
    {
      type: 'input',
      block_id: 'reason',
      label: plain('Reason'),
      element: { type: 'plain_text_input', action_id: 'reason', min_length: 5, max_length: 20 },
    },
    {
      type: 'input',
      block_id: 'duration',
      label: plain('Minutes'),
      element: {
        type: 'static_select',
        action_id: 'duration',
        options: [option('30'), option('60')],
        initial_option: option('60'),
      },
    },
    {
      type: 'input',
      block_id: 'ticket',
      optional: true,
      label: plain('Ticket'),
      element: { type: 'plain_text_input', action_id: 'ticket' },
    },
  ],
  ...over,
});

/** A bot that opens the form on a command, and answers submissions as told. */
export async function withForm(
  answer: (ack: Parameters<Parameters<App['view']>[1]>[0]['ack'], body: ViewSubmitAction) => Promise<void>,
  view: ModalView = form(),
  unhandledMs?: number,
): Promise<LocalSlack> {
  const slack = await localSlack();
  const listen = (app: App) => {
    app.command('/request', async ({ ack, body, client: web }) => {
      await ack();
      await web.views.open({ trigger_id: body.trigger_id, view });
    });
    app.view<ViewSubmitAction>(/.*/, async ({ ack, body }) => answer(ack, body));
    app.view({ callback_id: /.*/, type: 'view_closed' }, ({ ack }) => ack());
    app.action(/.*/, ({ ack }) => ack());
  };
  await boltApp(slack, listen, unhandledMs);
  await slack.as('U0ANN').command('/request');
  await slack.as('U0ANN').modal('request');
  return slack;
}

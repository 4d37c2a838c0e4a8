import type { ModalView } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { boltApp, localSlack, option, plain } from './cast.ts';
import { form } from './form.ts';

describe('options loaded from the app', () => {
  const external: ModalView = form({
    blocks: [
      {
        type: 'input',
        block_id: 'tenant',
        label: plain('Tenant'),
        element: { type: 'external_select', action_id: 'tenant', min_query_length: 2 },
      },
      { type: 'actions', block_id: 'more', elements: [{ type: 'button', action_id: 'help', text: plain('Help') }] },
    ],
  });

  async function withOptions(count: number) {
    const slack = await localSlack();
    await boltApp(slack, (app) => {
      app.command('/request', async ({ ack, body, client: web }) => {
        await ack();
        await web.views.open({ trigger_id: body.trigger_id, view: external });
      });
      app.options<'block_suggestion'>({ action_id: 'tenant' }, async ({ ack, options: { value } }) =>
        ack({ options: Array.from({ length: count }, (_, n) => option(`${value}${n}`)) }),
      );
      app.action('help', ({ ack }) => ack());
      app.view('request', ({ ack }) => ack());
    });
    await slack.as('U0ANN').command('/request');
    await slack.as('U0ANN').modal();
    return slack;
  }

  test('can be chosen once they were offered, not before', async () => {
    const slack = await withOptions(2);
    const ann = slack.as('U0ANN');
    expect(await ann.submit({ tenant: 'acm1' })).toMatchObject({ kind: 'refused_by_client' });
    expect(await ann.options('tenant', 'acm')).toEqual({ kind: 'options', options: [option('acm0'), option('acm1')] });
    expect(slack.lastDelivery.body).toMatchObject({
      type: 'block_suggestion',
      action_id: 'tenant',
      block_id: 'tenant',
      value: 'acm',
      container: { type: 'view', view_id: ann.view?.id },
    });
    expect(await ann.submit({ tenant: 'acm1' })).toEqual({ kind: 'closed' });
  });

  test('are not asked for before enough was typed', async () => {
    const slack = await withOptions(2);
    expect(await slack.as('U0ANN').options('tenant', 'a')).toMatchObject({ kind: 'refused_by_client' });
  });

  test('are an error beyond 100', async () => {
    const slack = await withOptions(101);
    expect(await slack.as('U0ANN').options('tenant', 'acm')).toMatchObject({
      kind: 'bad_ack',
      error: 'invalid_options',
    });
  });

  test('a button in the modal arrives with the view and what was entered', async () => {
    const slack = await withOptions(2);
    const ann = slack.as('U0ANN');
    await ann.options('tenant', 'acm');
    ann.fill({ tenant: 'acm0' });
    expect(await ann.clickInView('help')).toMatchObject({ kind: 'acked' });
    expect(slack.lastDelivery.body).toMatchObject({
      container: { type: 'view', view_id: ann.view?.id },
      view: { state: { values: { tenant: { tenant: { selected_option: option('acm0') } } } } },
      actions: [{ action_id: 'help', block_id: 'more', type: 'button' }],
    });
  });
});

import type { ViewSubmitAction } from '@slack/bolt';
import { describe, expect, test } from 'vitest';
import { option } from './cast.ts';
import { form, withForm } from './form.ts';

const GOOD = { tenant: 'acme', reason: 'because' };

describe('a submitted form', () => {
  test('arrives with every value, initial ones included, and closes', async () => {
    const seen: ViewSubmitAction[] = [];
    const slack = await withForm(async (ack, body) => {
      seen.push(body);
      await ack();
    });
    const ann = slack.as('U0ANN');
    const view = ann.view;
    expect(await ann.submit(GOOD)).toEqual({ kind: 'closed' });
    expect(ann.view).toBeUndefined();
    expect(seen).toMatchObject([
      {
        type: 'view_submission',
        team: { id: 'T0HOME', domain: 'home' },
        user: { id: 'U0ANN', name: 'ann', team_id: 'T0HOME' },
        enterprise: null,
        api_app_id: 'A0APP',
        view: {
          id: view?.id,
          hash: view?.hash,
          type: 'modal',
          callback_id: 'request',
          private_metadata: 'kept',
          team_id: 'T0HOME',
          app_id: 'A0APP',
          root_view_id: view?.id,
          previous_view_id: null,
          state: {
            values: {
              tenant: { tenant: { type: 'static_select', selected_option: option('acme') } },
              reason: { reason: { type: 'plain_text_input', value: 'because' } },
              duration: { duration: { type: 'static_select', selected_option: option('60') } },
              ticket: { ticket: { type: 'plain_text_input', value: null } },
            },
          },
        },
      },
    ]);
  });

  test.each([
    ['a missing value', { tenant: 'acme' }, { reason: 'This field is required.' }],
    ['too little text', { ...GOOD, reason: 'hm' }, { reason: 'This must have at least 5 characters.' }],
    ['too much text', { ...GOOD, reason: 'x'.repeat(21) }, { reason: 'This must have at most 20 characters.' }],
    ['an option nobody offered', { ...GOOD, duration: '600' }, { duration: 'that option is not offered' }],
  ])('is not sent by the client with %s', async (_, entries, errors) => {
    const slack = await withForm((ack) => ack());
    const before = slack.deliveries.length;
    expect(await slack.as('U0ANN').submit(entries)).toEqual({ kind: 'refused_by_client', errors });
    expect(slack.deliveries).toHaveLength(before);
  });

  test('can be sent by force with what the client refuses', async () => {
    const slack = await withForm((ack) => ack());
    await slack.as('U0ANN').submit({ tenant: 'forged', reason: 'x' }, { force: true });
    expect(slack.lastDelivery.body).toMatchObject({
      view: {
        state: {
          values: { tenant: { tenant: { selected_option: { value: 'forged' } } }, reason: { reason: { value: 'x' } } },
        },
      },
    });
  });

  test('can be sent with any state at all', async () => {
    const slack = await withForm((ack) => ack());
    await slack.as('U0ANN').submitRaw({ nonsense: { x: { type: 'plain_text_input', value: '\u0000' } } });
    expect(slack.lastDelivery.body).toMatchObject({
      view: { state: { values: { nonsense: { x: { value: '\u0000' } } } } },
    });
  });

  test('stays open with the errors it was answered with, and goes through once corrected', async () => {
    let attempts = 0;
    const slack = await withForm((ack) =>
      attempts++ === 0 ? ack({ response_action: 'errors', errors: { reason: 'say more' } }) : ack(),
    );
    const ann = slack.as('U0ANN');
    const id = ann.view?.id;
    expect(await ann.submit(GOOD)).toEqual({ kind: 'errors', errors: { reason: 'say more' } });
    expect(ann.view?.id).toBe(id);
    expect(await ann.submit({ reason: 'because of that' })).toEqual({ kind: 'closed' });
    expect(slack.lastDelivery.body).toMatchObject({
      view: { id, state: { values: { tenant: { tenant: { selected_option: option('acme') } } } } },
    });
  });

  test('shows a failure when the errors name no block of it', async () => {
    const slack = await withForm((ack) => ack({ response_action: 'errors', errors: { other: 'x' } }));
    expect(await slack.as('U0ANN').submit(GOOD)).toMatchObject({ kind: 'bad_ack', error: 'invalid_errors' });
    expect(slack.as('U0ANN').view).toBeDefined();
  });

  test('can become another view', async () => {
    const next = form({ callback_id: 'thanks', blocks: [{ type: 'divider' }] });
    const slack = await withForm((ack) => ack({ response_action: 'update', view: next }));
    const ann = slack.as('U0ANN');
    const { id, hash } = await ann.modal('request');
    expect(await ann.submit(GOOD)).toMatchObject({ kind: 'updated', view: { id } });
    expect(ann.view).toMatchObject({ id, definition: { callback_id: 'thanks' } });
    expect(ann.view?.hash).not.toBe(hash);
  });

  test('can be covered by another view, three deep at most', async () => {
    const slack = await withForm((ack) => ack({ response_action: 'push', view: form() }));
    const ann = slack.as('U0ANN');
    const root = ann.view?.id;
    expect(await ann.submit(GOOD)).toMatchObject({ kind: 'pushed', view: { rootId: root, previousId: root } });
    expect(await ann.submit(GOOD)).toMatchObject({ kind: 'pushed', view: { rootId: root } });
    expect(await ann.submit(GOOD)).toMatchObject({ kind: 'bad_ack', error: 'push_limit_reached' });
  });

  test('can clear everything', async () => {
    const slack = await withForm((ack) => ack({ response_action: 'clear' }));
    expect(await slack.as('U0ANN').submit(GOOD)).toEqual({ kind: 'cleared' });
    expect(slack.as('U0ANN').view).toBeUndefined();
  });

  test('stays open when nobody acknowledges it', async () => {
    const slack = await withForm(async () => {}, form(), 1_000);
    const ann = slack.as('U0ANN');
    expect(await ann.submit(GOOD)).toEqual({ kind: 'http', status: 404 });
    expect(ann.notices).toEqual(['submit failed with the error "dispatch_failed"']);
    expect(ann.view).toBeDefined();
  });
});

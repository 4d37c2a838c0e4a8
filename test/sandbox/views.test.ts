import { describe, expect, test } from 'vitest';
import { boltApp, client, localSlack, option, plain, refusal } from './cast.ts';
import { form, withForm } from './form.ts';

describe('an open view', () => {
  test('is updated by id and hash; what was entered stays where the field stays', async () => {
    const slack = await withForm((ack) => ack());
    const ann = slack.as('U0ANN');
    ann.fill({ tenant: 'acme', reason: 'because' });
    const { id, hash } = await ann.modal();
    const [tenant] = form().blocks;
    const smaller = form({ blocks: tenant === undefined ? [] : [tenant] });
    const web = client(slack);
    expect(await refusal(web.views.update({ view_id: id, hash: 'stale', view: smaller }))).toBe('hash_conflict');
    expect(await refusal(web.views.update({ view_id: 'V0NONE', view: smaller }))).toBe('not_found');
    await web.views.update({ view_id: id, hash, view: smaller });
    expect(ann.view?.state).toEqual({ tenant: { tenant: { type: 'static_select', selected_option: option('acme') } } });
  });

  test('tells the app when it is closed, if it asked for that', async () => {
    const slack = await withForm((ack) => ack(), form({ notify_on_close: true }));
    expect(await slack.as('U0ANN').close()).toMatchObject({ kind: 'acked' });
    expect(slack.lastDelivery.body).toMatchObject({
      type: 'view_closed',
      is_cleared: false,
      view: { callback_id: 'request' },
    });
    expect(slack.as('U0ANN').view).toBeUndefined();
  });

  test('closes alone, or with everything below it', async () => {
    const slack = await withForm((ack) => ack({ response_action: 'push', view: form({ notify_on_close: true }) }));
    const ann = slack.as('U0ANN');
    const root = ann.view?.id;
    await ann.submit({ tenant: 'acme', reason: 'because' });
    await ann.close();
    expect(ann.view?.id).toBe(root);
    await ann.submit();
    await ann.close({ all: true });
    expect(slack.lastDelivery.body).toMatchObject({ type: 'view_closed', is_cleared: true });
    expect(ann.view).toBeUndefined();
    expect(await slack.as('U0BOB').command('/request')).toMatchObject({ kind: 'acked' });
    await slack.as('U0BOB').modal();
    expect(await slack.as('U0BOB').close()).toEqual({ kind: 'closed' });
  });

  test('tells the app of a choice where the field asks for it', async () => {
    const [tenant, reason] = form().blocks;
    if (tenant === undefined || !('element' in tenant) || reason === undefined) throw new Error('no form');
    const slack = await withForm((ack) => ack(), form({ blocks: [{ ...tenant, dispatch_action: true }, reason] }));
    const ann = slack.as('U0ANN');
    expect(await ann.choose('tenant', 'umbra')).toMatchObject({ kind: 'acked' });
    expect(slack.lastDelivery.body).toMatchObject({
      type: 'block_actions',
      actions: [{ type: 'static_select', action_id: 'tenant', block_id: 'tenant', selected_option: option('umbra') }],
      view: { state: { values: { tenant: { tenant: { selected_option: option('umbra') } } } } },
    });
    await expect(ann.choose('reason', 'because')).rejects.toThrow('has no dispatch_action');
  });

  test('has at most 250 KB', async () => {
    const slack = await withForm((ack) => ack());
    const view_id = (await slack.as('U0ANN').modal()).id;
    const fields = Array.from({ length: 10 }, () => plain('x'.repeat(2_000)));
    const sized = (last: number) => {
      const blocks = [
        ...Array.from({ length: 12 }, () => ({ type: 'section' as const, fields })),
        ...Array.from({ length: 3 }, () => ({ type: 'section' as const, text: plain('x'.repeat(3_000)) })),
        { type: 'section' as const, text: plain('x'.repeat(last)) },
      ];
      return form({ blocks });
    };
    const rest = 250 * 1_024 - JSON.stringify(sized(0)).length;
    const update = (last: number) => client(slack).views.update({ view_id, view: sized(last) });
    expect(await update(rest)).toMatchObject({ ok: true });
    expect(await refusal(update(rest + 1))).toBe('view_too_large');
  });

  test('can have a name of the app’s own, which no other open view may have', async () => {
    const slack = await withForm((ack) => ack(), form({ external_id: 'mine' }));
    const web = client(slack);
    await web.views.update({ external_id: 'mine', view: form({ external_id: 'mine', callback_id: 'renamed' }) });
    expect(slack.as('U0ANN').view).toMatchObject({ definition: { callback_id: 'renamed' } });
    await slack.as('U0BOB').command('/request');
    await slack.until(() => slack.calls('views.open').length === 2, 'the second form');
    expect(slack.calls('views.open').at(-1)?.answer?.body).toEqual({ ok: false, error: 'duplicate_external_id' });
  });

  test('that breaks a limit is refused with the place', async () => {
    const slack = await withForm((ack) => ack());
    const refused = client(slack).views.update({
      view_id: slack.as('U0ANN').view?.id ?? '',
      view: form({ title: plain('x'.repeat(25)) }),
    });
    await expect(refused).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: { messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'] },
      },
    });
  });
});

describe('a trigger', () => {
  async function withTrigger() {
    let now = 1_700_000_000_000;
    const slack = await localSlack({ now: () => now });
    await boltApp(slack, (app) => app.command('/request', ({ ack }) => ack()));
    await slack.as('U0ANN').command('/request');
    const pass = (ms: number) => {
      now += ms;
    };
    return { slack, pass, trigger_id: String(slack.lastDelivery.body.trigger_id) };
  }

  test('opens one view', async () => {
    const { slack, trigger_id } = await withTrigger();
    const opened = await client(slack).views.open({ trigger_id, view: form() });
    expect(slack.as('U0ANN').view?.id).toBe(opened.view?.id);
    expect(await refusal(client(slack).views.open({ trigger_id, view: form() }))).toBe('exchanged_trigger_id');
  });

  test('is good for three seconds', async () => {
    const { slack, trigger_id, pass } = await withTrigger();
    pass(3_001);
    expect(await refusal(client(slack).views.open({ trigger_id, view: form() }))).toBe('expired_trigger_id');
  });

  test('can not be made up', async () => {
    const { slack } = await withTrigger();
    expect(await refusal(client(slack).views.open({ trigger_id: '1.2.3', view: form() }))).toBe('invalid_trigger_id');
  });

  test('pushes onto an open modal only', async () => {
    const { slack, trigger_id } = await withTrigger();
    expect(await refusal(client(slack).views.push({ trigger_id, view: form() }))).toBe('not_found');
  });
});

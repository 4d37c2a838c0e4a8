import { describe, expect, test } from 'vitest';
import { type JsonObject, readMrkdwn, renderBlock, renderMessage, renderView } from '../../sandbox/slack/index.ts';
import { localSlack, option, plain, section } from './cast.ts';

const names: { [id: string]: string } = { U0ANN: 'Ann Operator', C0OPS: 'ops', S0OPS: 'ops-team' };
const reader = { zone: 'Europe/Berlin', nameOf: (id: string) => names[id] };

describe('markup', () => {
  test.each([
    ['a mention is a name', '<@U0ANN> asks', '@Ann Operator asks'],
    ['an unknown person stays an id', '<@U0WHO>', '@U0WHO'],
    ['a channel is its name', '<#C0OPS>', '#ops'],
    ['a group is its name', '<!subteam^S0OPS>', '@ops-team'],
    ['here and channel are calls', '<!here> <!channel>', '@here @channel'],
    ['a link shows label and address', '<https://x.test/?a=1&amp;b=2|ticket>', 'ticket (https://x.test/?a=1&b=2)'],
    ['a bare link is its address', '<https://x.test>', 'https://x.test'],
    ['entities are the characters they stand for', 'a &lt;b&gt; &amp;amp; c', 'a <b> &amp; c'],
    ['what was escaped is no mention', '&lt;@U0ANN&gt;', '<@U0ANN>'],
    ['a date is shown in the reader’s zone', '<!date^1767225600^{date_num} {time}|later>', '2026-01-01 01:00'],
    ['a date can be long', '<!date^1767225600^until {date_short}, {time_secs}|later>', 'until Jan 1, 2026, 01:00:00'],
  ])('%s', (_, text, shown) => {
    expect(readMrkdwn(text, reader)).toBe(shown);
  });

  test('without a zone a date is its fallback', () => {
    expect(readMrkdwn('<!date^1767225600^{date_num} {time}|2026-01-01 00:00 UTC>')).toBe('2026-01-01 00:00 UTC');
  });

  test('a date token Slack does not know is an error', () => {
    expect(() => readMrkdwn('<!date^1767225600^{weekday}|x>', reader)).toThrow('{weekday}');
  });
});

test('a running Slack knows the names', async () => {
  const slack = await localSlack();
  slack.addGroup({ id: 'S0OPS', handle: 'ops-team' });
  const text = '<@U0ANN> in <#C0GENERAL> for <!subteam^S0OPS> at <!date^1767225600^{time}|some time>';
  expect(readMrkdwn(text, slack.reader('Asia/Tokyo'))).toBe('@Ann Operator in #general for @ops-team at 09:00');
});

describe('messages and modals', () => {
  test('a button that opens an address says which', () => {
    const button = { type: 'button', action_id: 'open', text: plain('Sign in'), url: 'https://x.test/sign-in' };
    expect(renderBlock({ type: 'actions', elements: [button] })).toBe('[Sign in] https://x.test/sign-in');
  });

  test('a card reads from top to bottom', () => {
    const blocks: JsonObject[] = [
      { type: 'header', text: plain('Emergency access') },
      section('<@U0ANN> asks for *acme*'),
      { type: 'section', fields: [plain('Scope: content'), plain('60 min')] },
      { type: 'divider' },
      { type: 'context', elements: [{ type: 'mrkdwn', text: 'asked &amp; waiting' }] },
      {
        type: 'actions',
        elements: [
          { type: 'button', action_id: 'approve', text: plain('Approve') },
          { type: 'button', action_id: 'deny', text: plain('Deny') },
        ],
      },
    ];
    expect(renderMessage({ text: 'fallback', blocks }, reader)).toBe(
      [
        '== Emergency access ==',
        '@Ann Operator asks for *acme*',
        '  Scope: content',
        '  60 min',
        '--------',
        '· asked & waiting',
        '[Approve] [Deny]',
      ].join('\n'),
    );
  });

  test('without blocks a message is its text', () => {
    expect(renderMessage({ text: 'hello <@U0ANN>', blocks: [] }, reader)).toBe('hello @Ann Operator');
  });

  test('plain text is shown to the letter', () => {
    expect(renderBlock({ type: 'section', text: plain('<@U0ANN> &amp;') }, reader)).toBe('<@U0ANN> &amp;');
  });

  test('a modal shows what was entered', () => {
    const definition = {
      type: 'modal',
      title: plain('Request'),
      submit: plain('Send'),
      close: plain('Cancel'),
      blocks: [
        {
          type: 'input',
          block_id: 'tenant',
          label: plain('Tenant'),
          element: { type: 'static_select', action_id: 'tenant', options: [option('acme', 'Acme Corp')] },
        },
        {
          type: 'input',
          block_id: 'reason',
          optional: true,
          label: plain('Reason'),
          hint: plain('Why?'),
          element: { type: 'plain_text_input', action_id: 'reason' },
        },
        {
          type: 'input',
          block_id: 'scope',
          label: plain('Scope'),
          element: {
            type: 'radio_buttons',
            action_id: 'scope',
            options: [option('a', 'A'), option('b', 'B')],
            initial_option: option('b', 'B'),
          },
        },
      ],
    };
    const state = {
      tenant: { tenant: { type: 'static_select', selected_option: option('acme', 'Acme Corp') } },
      reason: { reason: { type: 'plain_text_input', value: 'it broke' } },
      scope: { scope: { type: 'radio_buttons', selected_option: option('b', 'B') } },
    };
    expect(renderView({ definition, state })).toBe(
      [
        '┌ Request',
        'Tenant:',
        '  [Acme Corp ▾]',
        'Reason (optional):',
        '  [it broke]',
        '  Why?',
        'Scope:',
        '  ( ) A',
        '  (x) B',
        '└ [Cancel] [Send]',
      ].join('\n'),
    );
  });

  test('a block or an element it does not know is an error', () => {
    expect(() => renderBlock({ type: 'carousel' })).toThrow('carousel');
    expect(() => renderBlock({ type: 'actions', elements: [{ type: 'lever' }] })).toThrow('lever');
  });
});

/** @jsxRuntime automatic @jsxImportSource preact */
import { describe, expect, test } from 'vitest';
import { Channels } from '../../../../sandbox/page/browser/channels.tsx';
import { Controls } from '../../../../sandbox/page/browser/controls.tsx';
import { MessageArticle } from '../../../../sandbox/page/browser/message.tsx';
import { Messages } from '../../../../sandbox/page/browser/messages.tsx';
import { AuditTrail, Notices } from '../../../../sandbox/page/browser/panel-lists.tsx';
import { Legs } from '../../../../sandbox/page/browser/panel-state.tsx';
import { marksOf } from '../../../../sandbox/page/browser/request-ids.ts';
import { Switch } from '../../../../sandbox/page/browser/switch.tsx';
import { Tour } from '../../../../sandbox/page/browser/tour.tsx';
import type { Outcome, RequestBehind, ShownMessage } from '../../../../sandbox/page/wire.ts';
import { rendered } from './rendered.ts';
import { channel, dm, everything, general, message, someone } from './sample.ts';

const nothing = () => {};
const reader = { nameOf: () => undefined, now: new Date('2026-11-21T09:15:00Z'), zone: 'UTC' };
const send = async (): Promise<Outcome> => ({ kind: 'done' });

const article = (changes: Partial<ShownMessage>) =>
  rendered(
    <MessageArticle
      {...{
        message: message('1', changes),
        everything: everything(),
        reader,
        act: send,
        presses: null,
        follow: nothing,
      }}
    />,
  );

describe('a message', () => {
  test('of the bot is marked as of an app, one of a person is not', () => {
    expect(article({ user: 'UBOT' }).text).toContain('BreakglassAPP');
    expect(article({ user: 'UANNA' }).text).not.toContain('APP');
  });

  test('is named by who said it and when', () => {
    expect(article({ user: 'UANNA' }).all('article', 'aria-label')).toEqual([
      expect.stringMatching(/^Anna at \d\d:15$/),
    ]);
  });

  test('for one person says so above, and no other does', () => {
    expect(article({ onlyYou: true }).text).toMatch(/^Only visible to you/);
    expect(article({}).text).not.toContain('Only visible to you');
  });

  test('that was changed says so', () => {
    expect(article({ edited: true }).text).toContain('(edited)');
    expect(article({}).text).not.toContain('(edited)');
  });

  test('brings its files as links, for who sits here', () => {
    const files = [{ id: 'F1/..', name: 'audit.csv', size: 2048 }];
    const seen = article({ files });
    expect(seen.all('a', 'href')).toEqual(['/files/F1%2F..?as=olivia']);
    expect(seen.text).toContain('audit.csv2 kB');
  });

  test('about a request leads to the panel, and no other does', () => {
    expect(article({ grant: 'g' }).text).toContain('Show in panel');
    expect(article({}).text).not.toContain('Show in panel');
  });

  test('is text, whatever was typed', () => {
    const typed = '<img src=x onerror=alert(1)>';
    const seen = article({ text: typed.replaceAll('<', '&lt;').replaceAll('>', '&gt;') });
    expect(seen.text).toContain(typed);
    expect(seen.all('img', 'src')).toEqual([]);
  });
});

test('days are told apart in the log', () => {
  const messages = ['2026-11-20T10:00:00Z', '2026-11-20T10:05:00Z', '2026-11-21T10:00:00Z'].map((at, place) =>
    message(String(place), { at }),
  );
  const { text } = rendered(
    <Messages
      {...{ channel: general, messages, everything: everything(), reader, act: send, presses: null, follow: nothing }}
      sought={{ message: null, found: nothing }}
    />,
  );
  expect([...text.matchAll(/\w+day, November \d+, 2026/g)]).toHaveLength(2);
});

test('channels are named with what is unread, and the open one is marked', () => {
  const channels = [channel('ops', { unread: 2 }), channel('acme', { isShared: true }), dm];
  const list = rendered(<Channels channels={channels} open={dm.id} onOpen={nothing} />);
  expect(list.all('button', 'aria-label')).toEqual([
    '#ops, 2 unread',
    '#acme, shared with another company',
    'Breakglass',
  ]);
  expect(list.all('button', 'aria-current')).toEqual(['true']);
});

test('the switch offers everybody, says for whom something waits, and another window for the first of them', () => {
  const cast = [
    someone('olivia', { unread: 4 }),
    someone('ben', { is: 'owner' }),
    someone('anna', { is: 'owner', unread: 1 }),
  ];
  const seen = rendered(<Switch cast={cast} as="olivia" onSwitch={nothing} disabled={false} />);
  expect(seen.text).toMatch(/Olivia, operatorBen, ownerAnna, owner, 1 unread1 other has unreadOpen a window as Anna$/);
  expect(seen.all('a', 'href')).toEqual(['/?as=anna']);
});

test('each bot can be killed or started, and several are told apart', () => {
  const bot = (running: boolean) => ({ running, busy: false });
  const labels = (...bots: { running: boolean; busy: boolean }[]) =>
    rendered(<Controls machine={{ ...everything().machine, bots }} send={send} disabled={false} />).text.replace(
      /^.*Bots?/,
      '',
    );
  expect(labels(bot(true))).toBe('Kill the bot');
  expect(labels(bot(false))).toBe('Start the bot');
  expect(labels(bot(true), bot(false))).toBe('Kill bot 1Start bot 2');
});

describe('the panel', () => {
  const audit: RequestBehind['audit'] = [
    {
      id: '1',
      at: '2026-11-21T09:15:00Z',
      action: 'break_glass.requested',
      actor: 'Olivia',
      requestId: 'aaaabbbbcccc',
      details: { minutes: 60 },
    },
    {
      id: '2',
      at: '2026-11-21T09:16:00Z',
      action: 'break_glass.approved',
      actor: 'Anna',
      requestId: 'ddddeeeeffff',
      details: {},
    },
  ];
  const notice: RequestBehind['notices'][number] = {
    ...{ id: '1', kind: 'card', to: '#acme-owners', state: 'dead', attempts: 3, createdAt: '2026-11-21T09:15:00Z' },
    ...{ settledAt: null, error: 'not_in_channel', requestId: 'aaaabbbbcccc' },
  };

  test('shows what is on record, newest first, with its whole request_id at hand', () => {
    const seen = rendered(<AuditTrail audit={audit} marks={marksOf(audit)} />);
    expect(seen.text).toMatch(
      /break_glass\.approvedAnna.*B ddddeeee.*break_glass\.requestedOlivia.*A aaaabbbb.*"minutes": 60/s,
    );
    expect(seen.all('button', 'title')).toEqual(['request_id ddddeeeeffff', 'request_id aaaabbbbcccc']);
    expect(seen.all('ol', 'aria-live')).toEqual(['polite']);
  });

  test('shows a notice with the mark of the work that caused it, and why it did not arrive', () => {
    const later = { ...notice, id: '2', kind: 'overdue', error: null };
    const seen = rendered(<Notices notices={[notice, later]} marks={marksOf(audit)} />);
    expect(seen.text).toMatch(/overdue to .*card to #acme-ownersdead3 attempts.*A aaaabbbbnot_in_channel/);
    expect(seen.all('ol', 'aria-live')).toEqual([]);
  });

  test('shows who agreed and who has yet to', () => {
    const legs: RequestBehind['legs'] = [
      { role: 'owner', verdict: 'approved', by: 'Anna', at: '2026-11-21T09:16:00Z' },
      { role: 'security', verdict: null, by: null, at: null },
    ];
    expect(rendered(<Legs legs={legs} />).text).toMatch(/Tenant ownerapproved by Anna[\d:]+Securitynot decided$/);
  });
});

test('the tour says where it stands, what was seen and what comes', () => {
  const tour = {
    ...{ playing: 'failed' as const, journey: 2, journeys: 9, title: 'A denial', coming: 'Anna presses "Deny"' },
    ...{ steps: [{ name: 'The card', seen: ['Who: Olivia'], well: false }], scene: null, presses: null },
    ...{ pace: 'usual' as const, grant: null, types: null, sends: false },
  };
  const { text } = rendered(<Tour tour={tour} send={send} go={nothing} />);
  expect(text).toMatch(/^A denialJourney 2 of 9: a step did not go as it should\./);
  expect(text).toContain('The card (not as it should be)Who: OliviaNext Anna presses "Deny"');
});

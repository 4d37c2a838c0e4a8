import { describe, expect, test } from 'vitest';
import { hasMessage, messagesIn, next, nothingYet, sandboxTime } from '../../../../sandbox/page/browser/state.ts';
import type { News } from '../../../../sandbox/page/wire.ts';
import { channel, dm, everything, general, heard, message, shownAfter, someone } from './sample.ts';

const posted = (ts: string, changes = {}): News => ({ kind: 'message', what: 'posted', message: message(ts, changes) });
const all = (changes = {}): News => ({ kind: 'everything', everything: everything(changes) });

describe('the channel that is open at first', () => {
  const unread = channel('news', { unread: 2 });

  test.each([
    ['the one that the address asks for by its id', [general, unread, dm], general.id, general.id],
    ['the one that the address asks for by its name', [general, unread, dm], 'general', general.id],
    ['the first with something new, where the address asks for none', [general, unread, dm], null, unread.id],
    ['the first with something new, where they are not in the one asked for', [unread, dm], 'general', unread.id],
    ['the direct messages, where nothing is new', [general, dm], null, dm.id],
    ['none, where there are none', [], 'general', null],
  ])('is %s', (_, channels, wanted, opened) => {
    const news: News = { kind: 'everything', everything: everything({ channels }) };
    expect(next(nothingYet, heard(news, wanted)).channel).toBe(opened);
  });

  test('stays open when only the connection was new', () => {
    const shown = shownAfter(
      everything(),
      { kind: 'opened', channel: general.id },
      heard(all({ channels: [general, unread, dm] })),
    );
    expect(shown.channel).toBe(general.id);
  });

  test('is chosen anew for another person, whom nothing of the last one stays with', () => {
    const anna = all({ you: someone('anna'), channels: [general, unread, dm] });
    const before = shownAfter(everything(), heard({ kind: 'notice', text: 'No answer.' }), { kind: 'switched' });
    expect(before.isSomebodyElses).toBe(true);
    const shown = next(before, heard(anna));
    expect(shown).toMatchObject({ channel: unread.id, isSomebodyElses: false, slackbot: [] });
  });

  test('can only be one that the person is in', () => {
    expect(shownAfter(everything(), { kind: 'opened', channel: 'CSECRET' }).channel).toBe(dm.id);
  });
});

describe('messages', () => {
  const texts = (shown: Parameters<typeof messagesIn>[0], where = general.id) =>
    messagesIn(shown, where).map(({ text }) => text);

  test('come after those that are there', () => {
    expect(texts(shownAfter(everything({ messages: [message('1')] }), heard(posted('2'))))).toEqual([
      'message 1',
      'message 2',
    ]);
  });

  test('change in their place', () => {
    const edit: News = { kind: 'message', what: 'edited', message: message('1', { text: 'new' }) };
    expect(texts(shownAfter(everything({ messages: [message('1'), message('2')] }), heard(edit)))).toEqual([
      'new',
      'message 2',
    ]);
  });

  test('that are told twice stand there once', () => {
    expect(texts(shownAfter(everything(), heard(posted('1')), heard(posted('1'))))).toEqual(['message 1']);
  });

  test('go when they are deleted, and no other of that time in another channel does', () => {
    const messages = [message('1'), message('1', { channel: dm.id, text: 'mine' })];
    const gone: News = { kind: 'message', what: 'deleted', message: message('1') };
    const shown = shownAfter(everything({ messages }), heard(gone));
    expect([texts(shown), texts(shown, dm.id)]).toEqual([[], ['mine']]);
  });

  test('of Slack itself stand in the open channel, where they came, and only this person sees them', () => {
    const later = posted('9', { at: '2026-11-21T09:15:09.000Z' });
    const open = { kind: 'opened', channel: general.id } as const;
    const notice: News = { kind: 'notice', text: 'The app did not answer.' };
    const shown = shownAfter(everything({ messages: [message('1')] }), open, heard(notice, null, 5_000), heard(later));
    expect(texts(shown)).toEqual(['message 1', 'The app did not answer.', 'message 9']);
    expect(messagesIn(shown, general.id)[1]).toMatchObject({ onlyYou: true, at: '2026-11-21T09:15:05.000Z' });
    expect(texts(shown, dm.id)).toEqual([]);
  });

  test('of Slack itself outlive a broken connection', () => {
    const shown = shownAfter(everything(), heard({ kind: 'notice', text: 'No answer.' }), heard(all()));
    expect(texts(shown, dm.id)).toEqual(['No answer.']);
  });
});

test('a message is there for whoever is in its channel, as long as it stands', () => {
  const messages = [message('1'), message('2', { channel: 'CSECRET' })];
  const known = everything({ messages });
  const wanted = [
    { channel: general.id, ts: '1' },
    { channel: general.id, ts: '2' },
    { channel: dm.id, ts: '1' },
    { channel: 'CSECRET', ts: '2' },
  ];
  expect(wanted.map((each) => hasMessage(known, each))).toEqual([true, false, false, false]);
});

describe('the line', () => {
  const broke = { kind: 'line', isThere: false } as const;

  test('is known to be lost, until it is back', () => {
    const states = [[], [broke], [broke, { kind: 'line', isThere: true } as const], [broke, heard(all())]];
    expect(states.map((since) => shownAfter(everything(), ...since).isLost)).toEqual([false, true, false, false]);
  });

  test('is not lost while another one is opened, for another person', () => {
    expect(shownAfter(everything(), broke, { kind: 'switched' }).isLost).toBe(false);
    expect(shownAfter(everything(), { kind: 'switched' }, broke).isLost).toBe(true);
  });
});

describe('what else is told', () => {
  test.each<[string, News, object]>([
    [
      'the modals',
      { kind: 'views', views: [{ id: 'V1', hash: 'h', definition: {}, state: {} }] },
      { views: [{ id: 'V1' }] },
    ],
    [
      'what is unread',
      { kind: 'unread', cast: [someone('olivia', { unread: 3 })], channels: [general] },
      { cast: [{ unread: 3 }], channels: [general] },
    ],
    [
      'the machine',
      { kind: 'machine', machine: { ...everything().machine, weather: 'down' } },
      { machine: { weather: 'down' } },
    ],
    [
      'what is behind',
      {
        kind: 'behind',
        behind: { requests: [], followed: null },
        firstSteps: { asked: true, approved: false, over: false },
      },
      { firstSteps: { asked: true } },
    ],
    ['the tour', { kind: 'tour', tour: null }, { tour: null }],
  ])('takes the place of what was there: %s', (_, news, expected) => {
    const { everything: now } = shownAfter(everything(), heard(news));
    expect(now).toMatchObject(expected);
    expect(now?.you).toEqual(someone('olivia'));
  });

  test('is nothing before everything was told', () => {
    expect(next(nothingYet, heard(posted('1')))).toEqual(nothingYet);
  });

  test('is told again on a new line: each start counts', () => {
    expect(shownAfter(everything(), heard(all())).start).toBe(2);
  });
});

test("the sandbox's clock runs on from when it was heard of, and never back", () => {
  expect(sandboxTime('2026-11-21T09:00:00.000Z', 1_000, 3_500)).toBe(Date.parse('2026-11-21T09:00:02.500Z'));
  expect(sandboxTime('2026-11-21T09:00:00.000Z', 1_000, 900)).toBe(Date.parse('2026-11-21T09:00:00.000Z'));
});

import { describe, expect, test } from 'vitest';
import type { Player } from '../../../sandbox/cast.ts';
import type { Act, Entries, ShownMessage } from '../../../sandbox/page/wire.ts';
import { done, onPage, refused } from './on-page.ts';
import type { TestWindow } from './windows.ts';

const { there, windowOf, dmOf } = onPage({ tenants: 98 }); // one more than a menu holds

let tickets = 0;
const filled = (more: Entries = {}): Entries => ({
  tenant: 'acme',
  circumstance: 'critical_incident',
  scope: 'content_access',
  reason: 'The export fails for everybody there.',
  ticket: `PAGE-${++tickets}`,
  duration: '30',
  ...more,
});

/** Opens the form, looks for the tenant in it, and gives its id. */
async function form(window: TestWindow, player: Player): Promise<string> {
  const channel = dmOf(player);
  expect(await window.act({ kind: 'command', channel, command: '/breakglass', text: '' })).toEqual(done);
  const view = await window.until(
    () => window.shows.views.find(({ definition }) => definition.submit !== undefined),
    'the form',
  );
  const found = await window.act({ kind: 'options', view: view.id, block: 'tenant', query: 'acme' });
  expect(found).toMatchObject({ kind: 'options', options: [{ value: 'acme' }] });
  return view.id;
}

/** A request by Omar at his window, and its card where the owners are. */
async function asked(omar: TestWindow, seenBy: TestWindow): Promise<ShownMessage> {
  const view = await form(omar, 'omar');
  const entries = filled();
  expect(await omar.act({ kind: 'submit', view, entries })).toEqual(done);
  const isIt = (message: ShownMessage) => JSON.stringify(message.blocks).includes(String(entries.ticket));
  return seenBy.until(() => seenBy.messages('C0ACME').find(isIt), 'the card');
}

describe('somebody acts', () => {
  const notThere = refused('You are not in that channel.');
  const windowGone = refused('That window is no longer open.');

  test.each<[string, Act, unknown]>([
    ['says something elsewhere', { kind: 'say', channel: 'C0GLOBEX', text: 'hi' }, notThere],
    ['says something in another direct message', { kind: 'say', channel: 'D0SAM', text: 'hi' }, notThere],
    ['says something nowhere', { kind: 'say', channel: 'C0NOWHERE', text: 'hi' }, notThere],
    ['types a command elsewhere', { kind: 'command', channel: 'C0OPS', command: '/breakglass', text: '' }, notThere],
    [
      'types a command that is none',
      { kind: 'command', channel: 'C0GENERAL', command: '/foo', text: '' },
      refused('/foo is not a valid command'),
    ],
    [
      'writes to the app',
      { kind: 'say', channel: 'D0OLIVIA', text: 'hi' },
      refused('Sending messages to this app has been turned off.'),
    ],
    ['presses elsewhere', { kind: 'press', channel: 'C0GLOBEX', ts: '1', block: 'b', action: 'approve' }, notThere],
    [
      'presses on nothing',
      { kind: 'press', channel: 'C0GENERAL', ts: '1', block: 'b', action: 'approve' },
      refused('That message is no longer there.'),
    ],
    ['presses in no window', { kind: 'press_in_view', view: 'V0', block: 'b', action: 'approve' }, windowGone],
    ['fills no window', { kind: 'fill', view: 'V0', entries: {} }, windowGone],
    ['chooses in no window', { kind: 'choose', view: 'V0', block: 'tenant', entry: 'acme' }, windowGone],
    ['searches in no window', { kind: 'options', view: 'V0', block: 'tenant', query: 'a' }, windowGone],
    ['sends no window', { kind: 'submit', view: 'V0', entries: {} }, windowGone],
    ['closes no window', { kind: 'close', view: 'V0' }, windowGone],
  ])('and %s: refused in a sentence, and the bot hears nothing', async (_, act, outcome) => {
    const olivia = await windowOf('olivia');
    const before = there().slack.deliveries.length;
    expect(await olivia.act(act)).toEqual(outcome);
    expect(there().slack.deliveries).toHaveLength(before);
  });

  test('in a form, which shows what is wrong at the field, and closes when all is well', async () => {
    const [olivia, anna] = await Promise.all([windowOf('olivia'), windowOf('anna')]);
    const view = await form(olivia, 'olivia');
    const empty = await olivia.act({ kind: 'submit', view, entries: {} });
    expect(empty).toMatchObject({ kind: 'errors', errors: { reason: 'This field is required.' } });
    const wrong = await olivia.act({ kind: 'submit', view, entries: filled({ ticket: 'no ticket' }) });
    expect(wrong).toMatchObject({ kind: 'errors', errors: { ticket: expect.any(String) } });
    const many = await olivia.act({ kind: 'options', view, block: 'tenant', query: 'customer' });
    expect(many).toMatchObject({ kind: 'options', options: { length: 98 } });
    const field = refused('That field is no longer there.');
    expect(await olivia.act({ kind: 'options', view, block: 'reason', query: 'a' })).toEqual(field);
    expect(await olivia.act({ kind: 'submit', view, entries: { nothing: 'x' } })).toEqual(field);
    const unknown = await olivia.act({ kind: 'choose', view, block: 'tenant', entry: 'nobody' });
    expect(unknown).toEqual({ kind: 'errors', errors: { tenant: 'that option is not offered' } });
    const before = olivia.news.length;
    expect(await olivia.act({ kind: 'fill', view, entries: { reason: 'What was typed so far' } })).toEqual(done);
    const reason = () => olivia.shows.views.at(-1)?.state.reason?.reason?.value;
    await olivia.until(() => reason() === 'What was typed so far', 'what was typed');
    const told = olivia.news.slice(before).map(({ kind }) => kind);
    expect(told.filter((kind) => kind === 'views' || kind === 'outcome')).toEqual(['views', 'outcome']);
    const ticket = filled().ticket ?? null;
    expect(await olivia.act({ kind: 'submit', view, entries: filled({ ticket }) })).toEqual(done);
    expect(olivia.shows.views).toEqual([]);
    const sees = (message: ShownMessage) => JSON.stringify(message.blocks).includes(String(ticket));
    const card = await anna.until(() => anna.messages('C0ACME').find(sees), 'the card');
    expect(card.grant).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(card.at)).toBeCloseTo(Date.now(), -5);
  });

  test('in a window that only its own person can touch', async () => {
    const [olivia, omar] = await Promise.all([windowOf('olivia'), windowOf('omar')]);
    const view = await form(olivia, 'olivia');
    expect(omar.shows.views).toEqual([]);
    const own = await form(omar, 'omar');
    expect(await omar.act({ kind: 'fill', view, entries: filled({ tenant: null }) })).toEqual(windowGone);
    expect(await omar.act({ kind: 'submit', view, entries: filled() })).toEqual(windowGone);
    expect(await omar.act({ kind: 'close', view })).toEqual(windowGone);
    expect(await omar.act({ kind: 'close', view: own })).toEqual(done);
    const again = await windowOf('olivia');
    expect(again.shows.views.map(({ id }) => id)).toEqual([view]);
    expect(await again.act({ kind: 'close', view })).toEqual(done);
    await olivia.until(() => olivia.shows.views.length === 0, 'the window to close everywhere');
  });

  test('as who they are: the approval is theirs, and a button that is gone is gone', async () => {
    const [omar, anna] = await Promise.all([windowOf('omar'), windowOf('anna')]);
    const card = await asked(omar, anna);
    const block = String(card.blocks.find(({ type }) => type === 'actions')?.block_id);
    const press = { kind: 'press', channel: card.channel, ts: card.ts, block, action: 'approve' } as const;
    expect(await omar.act(press)).toEqual(notThere);
    expect(await anna.act({ ...press, action: 'nothing' })).toEqual(refused('That button is no longer there.'));
    expect(await anna.act(press)).toEqual(done);
    const now = () => anna.messages('C0ACME').find(({ ts }) => ts === card.ts);
    const after = await anna.until(() => {
      const message = now();
      return message && !JSON.stringify(message.blocks).includes('"approve"') ? message : null;
    }, 'the card without its button');
    expect(after.grant).toBe(card.grant);
    expect(await anna.act(press)).toEqual(refused('That button is no longer there.'));
    const by = () => anna.shows.behind.followed?.legs.find(({ role }) => role === 'owner')?.by;
    await anna.act({ kind: 'follow', grant: card.grant });
    expect(await anna.until(by, 'the approval')).toBe('Anna');
    const deliveries = there().slack.deliveries.filter(({ body }) => body.type === 'block_actions');
    expect(deliveries.map(({ body }) => body.user)).toMatchObject([{ id: 'U0ANNA' }]);
  });

  test('and gets a file that nobody else gets', async () => {
    const ada = await windowOf('ada');
    const direct = dmOf('ada');
    await ada.act({ kind: 'command', channel: direct, command: '/breakglass', text: 'audit acme' });
    const trail = await ada.until(() => ada.messages(direct).find(({ onlyYou }) => onlyYou), 'the trail');
    const block = String(trail.blocks.find((each) => JSON.stringify(each).includes('"audit_csv"'))?.block_id);
    await ada.act({ kind: 'press', channel: direct, ts: trail.ts, block, action: 'audit_csv' });
    const [file] = await ada.until(() => ada.messages(direct).find(({ files }) => files.length > 0)?.files, 'the file');
    const address = (as: string) => `${there().url}/files/${file?.id}?as=${as}`;
    const response = await fetch(address('ada'));
    expect(response.headers.get('content-disposition')).toContain(`attachment; filename*=UTF-8''`);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([bytes.length, bytes.includes('break_glass.requested')]).toEqual([file?.size, true]);
    for (const other of ['sam', 'olivia', 'gwen', 'nobody', '']) expect((await fetch(address(other))).status).toBe(404);
    expect((await fetch(`${there().url}/files/F0NOTHING?as=ada`)).status).toBe(404);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import type { Message } from '../../sandbox/slack/index.ts';
import { ask, cardIn, decideByForm, quiet, tidy, untilState } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { recordedDead, toldIn, withoutDigests } from './mailroom.ts';

const { acme, globex, security } = channels;
const refused = 'channel_is_shared_with_another_company';
const flags = ['is_ext_shared', 'is_pending_ext_shared', 'is_org_shared'] as const;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({ yaml: withoutDigests() });
});
/** As Slack does it: the channel is another one, and the bot is told. */
const setShared = async (id: string, flag: (typeof flags)[number] | 'with nobody'): Promise<void> => {
  stack.slack.updateChannel(id, Object.fromEntries(flags.map((each) => [each, each === flag])));
  await stack.slack.event({ type: 'channel_shared', connected_team_id: 'T0OTHER', channel: id });
};
afterEach(async () => {
  await tidy(stack);
  await setShared(acme.id, 'is_ext_shared');
  for (const { id } of [globex, security]) await setShared(id, 'with nobody');
});
afterAll(() => stack.stop());

/** What became of the notices about a grant in a place. */
const fates = async (place: string, grant: string) =>
  (await toldIn(stack, place))
    .filter((each) => each.grant === grant && each.kind !== 'undeliverable')
    .map(({ kind, state, error }) => ({ kind, state, error }));

const about = (grant: string) => (message: Message) => JSON.stringify(message.blocks).includes(grant);

describe.each(flags)('a channel that %s', (flag) => {
  test('gets no card: it is dead, and announced', async () => {
    await setShared(globex.id, flag);
    const grant = await ask(stack, { tenant: 'globex' });
    await quiet(stack);
    expect(await fates(globex.id, grant)).toEqual([{ kind: 'card', state: 'dead', error: refused }]);
    expect(stack.slack.messages(globex.id).filter(about(grant))).toEqual([]);
    const [record] = (await recordedDead(stack, globex.id)).slice(-1);
    expect(record).toMatchObject({ grant, details: { kind: 'card', error: refused } });
    for (const place of [security.id, cast.olivia.id]) {
      const [announcement] = (await toldIn(stack, place)).slice(-1);
      expect(announcement).toMatchObject({ kind: 'undeliverable', state: 'delivered', grant });
    }
  });

  test('gets the card where it is the tenant’s own and the configuration says that it is shared', async () => {
    await setShared(acme.id, flag);
    const grant = await ask(stack, { tenant: 'acme' });
    await quiet(stack);
    expect(await fates(acme.id, grant)).toEqual([{ kind: 'card', state: 'delivered', error: null }]);
    expect(stack.slack.messages(acme.id).filter(about(grant))).toHaveLength(1);
  });

  test('gets no card where it is not the owners’ channel, whatever the configuration says of that one', async () => {
    await setShared(security.id, flag);
    const grant = await ask(stack, { tenant: 'acme' });
    await quiet(stack);
    expect(await fates(security.id, grant)).toEqual([{ kind: 'card', state: 'dead', error: refused }]);
    expect(stack.slack.messages(security.id).filter(about(grant))).toEqual([]);
  });
});

test('one tenant’s shared channel is no place for a card of another tenant', async () => {
  const yaml = withoutDigests({ 'channel: C0GLOBEX': 'channel: C0ACME' });
  await stack.restart(yaml);
  const grant = await ask(stack, { tenant: 'globex' });
  await quiet(stack);
  expect(await fates(acme.id, grant)).toEqual([{ kind: 'card', state: 'dead', error: refused }]);
  await stack.restart(withoutDigests());
});

test('two changes in a row do not keep the first from the channel that was the owners’ before', async () => {
  const limit = stack.slack.fault('chat.postMessage', { kind: 'rate_limited', retryAfter: 5 }, { channel: acme.id });
  await stack.restart(withoutDigests({ 'channel: C0ACME': 'channel: C0GLOBEX' }));
  await stack.restart(withoutDigests({ 'channel: C0ACME': 'channel: C0GLOBEX', 'shared: true': 'shared: false' }));
  limit.remove();
  await quiet(stack);
  const told = (await toldIn(stack, acme.id)).filter(({ kind }) => kind === 'tenant_changed');
  expect(told.at(-1)).toMatchObject({ state: 'delivered', payload: { changes: [{ what: 'channel' }] } });
  await stack.restart(withoutDigests());
  await quiet(stack);
});

test('a channel that becomes shared hears no more of what it was told before: no edit, no fact, not among others', async () => {
  const scopes = { tenant: 'globex', scope: 'audit_view', duration: '240' } as const;
  const grant = await ask(stack, scopes);
  await cardIn(stack, security.id, grant, 'Active');
  await quiet(stack);
  const before = stack.slack.messages(security.id).length;
  await setShared(security.id, 'is_ext_shared');
  await decideByForm(stack, 'gina', globex.id, grant, 'revoke', { comment: 'A secret between us' });
  await untilState(stack, grant, 'revoked');
  await quiet(stack);
  expect((await fates(security.id, grant)).slice(1)).toEqual([
    { kind: 'card', state: 'dead', error: refused },
    { kind: 'fact', state: 'dead', error: refused },
  ]);
  expect(stack.slack.messages(security.id).length).toBe(before);
  expect(JSON.stringify(stack.slack.messages(security.id))).not.toContain('A secret between us');
});

test('where a card was refused, nothing else is said of that access either', async () => {
  await setShared(security.id, 'is_ext_shared');
  const grant = await ask(stack, { tenant: 'acme', scope: 'audit_view', duration: '240' });
  await cardIn(stack, acme.id, grant, 'Active');
  await decideByForm(stack, 'anna', acme.id, grant, 'revoke', { comment: 'This is not for other companies' });
  await untilState(stack, grant, 'revoked');
  await quiet(stack);
  expect(await fates(security.id, grant)).toEqual([
    { kind: 'card', state: 'dead', error: refused },
    { kind: 'card', state: 'dead', error: refused },
    { kind: 'fact', state: 'dead', error: refused },
  ]);
  expect(JSON.stringify(stack.slack.messages(security.id))).not.toContain('other companies');
  expect(await fates(acme.id, grant)).toContainEqual({ kind: 'fact', state: 'delivered', error: null });
});

test('a card that was deleted is not posted again into a channel that became shared', async () => {
  const grant = await ask(stack, { tenant: 'globex' });
  const card = await cardIn(stack, globex.id, grant);
  stack.slack.world.messages.remove(card);
  await setShared(globex.id, 'is_ext_shared');
  await stack.slack.as(cast.sam.id).click(await cardIn(stack, security.id, grant), 'approve');
  const shown = () =>
    stack.slack.messages(security.id).some(({ blocks }) => JSON.stringify(blocks).includes('approved by'));
  await stack.slack.until(shown, 'the approval to show where the card still stands');
  await quiet(stack);
  expect(await fates(globex.id, grant)).toContainEqual({ kind: 'card', state: 'dead', error: refused });
  expect(stack.slack.messages(globex.id).filter(about(grant))).toEqual([]);
});

describe('what is said of the configuration', () => {
  afterEach(async () => {
    await stack.restart(withoutDigests());
    await quiet(stack);
  });
  const changed = async (changes: Record<string, string>) => {
    await stack.restart(withoutDigests(changes));
    await quiet(stack);
  };
  const last = async (place: string, kind: string) => {
    const { state, error } = (await toldIn(stack, place)).filter((each) => each.kind === kind).at(-1) ?? {};
    return { state, error };
  };
  const arrived = { state: 'delivered', error: null };
  const dead = { state: 'dead', error: refused };

  test('is said in the owners’ channel only where that may be shared, and never in one of staff', async () => {
    for (const { id } of [globex, security]) await setShared(id, 'is_ext_shared');
    await changed({ 'owners: [U0GINA, U0GUS]': 'owners: [U0GINA]', "'T0ACME:U0BEN'": 'U0OTIS', '[U0SAM': '[U0OTIS' });
    expect(await last(acme.id, 'tenant_changed')).toEqual(arrived);
    expect(await last(globex.id, 'tenant_changed')).toEqual(dead);
    expect(await last(security.id, 'tenant_changed')).toEqual(dead);
    expect(await last(security.id, 'role_changed')).toEqual(dead);
    // What security can't be told, ops is told: where, and of what kind, and no more.
    expect(await last(channels.ops.id, 'undeliverable')).toEqual(arrived);
  });

  test('is said in the channel that was the owners’ until then, as shared as it was allowed to be', async () => {
    await changed({ 'channel: C0ACME': 'channel: C0GLOBEX', 'shared: true': 'shared: false' });
    expect(await last(acme.id, 'tenant_changed')).toEqual(arrived);
    await setShared(globex.id, 'is_ext_shared');
    await changed({});
    expect(await last(globex.id, 'tenant_changed')).toEqual(dead);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { withoutDigests } from '../jobs/mailroom.ts';
import { markupIn } from '../slack/views-markup.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { countUses } from '../support/uses.ts';
import {
  approve,
  as,
  ask,
  cardIn,
  command,
  decideByForm,
  dmOf,
  eventually,
  press,
  quiet,
  read,
  said,
  tidy,
  untilState,
} from './verbs.ts';

/** No configuration takes such a name for an action: it is text all the same. */
const hostile = '<!channel> *read* <https://evil.example|Approve> :tada:';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: withoutDigests({ 'schedules:': 'scopes: { audit_view: { usual_uses: 2 } }\nschedules:' }),
  });
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const acme = channels.acme.id;
const security = channels.security.id;
const everywhere = [acme, security, cast.olivia.id];

async function active(): Promise<string> {
  const grant = await ask(stack);
  await approve(stack, 'anna', acme, grant);
  await approve(stack, 'sam', security, grant);
  await untilState(stack, grant, 'active');
  return grant;
}

const uses = /Used 12 times: content\.read 10, content\.write 2; 1 try refused: content\.write 1\. First .*, last .*\./;

describe('what was done under a grant', () => {
  test('is in the status of who has it and of those who answer for the tenant, as of now', async () => {
    const grant = await active();
    for (const who of ['olivia', 'anna', 'sam'] as const) {
      const text = who === 'olivia' ? '/breakglass status' : '/breakglass status acme';
      expect(await command(stack, who, text)).toMatch(/Active until .*\. Not used yet\./);
    }
    await countUses(stack.db, grant, ['content.read', 10, 0], ['content.write', 2, 1]);
    expect(await command(stack, 'olivia', '/breakglass status')).toMatch(uses);
    expect(await command(stack, 'anna', '/support-access status acme')).toMatch(uses);
  });

  const ends: { by: string; end: (grant: string) => Promise<unknown>; state: string }[] = [
    { by: 'given back', end: (grant) => press(stack, 'olivia', cast.olivia.id, grant, 'end'), state: 'ended' },
    {
      by: 'revoked',
      end: (grant) => decideByForm(stack, 'sam', security, grant, 'revoke', { comment: 'Used 0 times, I was told' }),
      state: 'revoked',
    },
    { by: 'run out', end: () => stack.db.clock.advance(30 * 60_000), state: 'expired' },
  ];
  /** The news that access is over: what was said last in a place, beside the card of its review. */
  const lastWord = (place: string) => {
    const message = stack.slack
      .messages(place)
      .findLast(({ ephemeralTo, text }) => ephemeralTo === undefined && !text.startsWith('Review: '));
    return message ? read(stack, message) : 'nothing';
  };

  test.each(ends)(
    'is on the cards and in the news when access is $by, for the tenant’s owners too',
    async ({ end, state }) => {
      const grant = await active();
      await quiet(stack); // no card is drawn while the uses are being counted
      await countUses(stack.db, grant, ['content.read', 10, 0], ['content.write', 2, 1]);
      await end(grant);
      await untilState(stack, grant, state);
      for (const place of everywhere) expect(read(stack, await cardIn(stack, place, grant, 'Used 12'))).toMatch(uses);
      await quiet(stack);
      for (const place of [acme, security, dmOf(stack, 'olivia')]) {
        expect(lastWord(place)).toMatch(/^Access is (over|revoked)\. /);
        expect(lastWord(place)).toMatch(uses);
      }
    },
  );

  test.each(ends)('is said to be nothing when access is $by that nobody used', async ({ end, state }) => {
    const grant = await active();
    await end(grant);
    await untilState(stack, grant, state);
    for (const place of everywhere) await cardIn(stack, place, grant, 'Never used.');
    await quiet(stack);
    for (const place of [acme, security, dmOf(stack, 'olivia')]) {
      expect(lastWord(place)).toMatch(/^Access is (over|revoked)\. .*Never used\./);
    }
  });

  test('is of that tenant alone: the owners of another one are told nothing of it', async () => {
    const grant = await active();
    const other = await ask(stack, { tenant: 'globex', scope: 'audit_view' });
    await countUses(stack.db, grant, ['content.read', 10, 0]);
    await press(stack, 'olivia', cast.olivia.id, other, 'end');
    await cardIn(stack, channels.globex.id, other, 'Never used.');
    expect(await command(stack, 'gina', '/support-access status globex')).toBe('Nothing is open on Globex.');
    await quiet(stack);
    const told = stack.slack.messages(channels.globex.id).map((message) => read(stack, message));
    expect(told.join()).not.toContain('content.read');
  });

  test('is read, whatever an action is called', async () => {
    const grant = await active();
    await countUses(stack.db, grant, [hostile, 3, 1]);
    await command(stack, 'olivia', '/breakglass status');
    const status = as(stack, 'olivia').ephemerals.at(-1);
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    const card = await cardIn(stack, acme, grant, 'Used 3 times');
    const notice = await said(stack, acme, 'Used 3 times: ');
    for (const message of [status, card, notice]) {
      expect(JSON.stringify(message)).toContain('evil.example');
      const found = markupIn({ text: message?.text, blocks: message?.blocks });
      expect(found.filter((each) => !/^(date|line|mark \*|mention @U0|link https:\/\/tickets)/.test(each))).toEqual([]);
    }
  });
});

describe('access that is used more than usual', () => {
  const look = () => command(stack, 'olivia', '/support-access audit globex');

  test('is told to security, once, with a button that stops it', async () => {
    const grant = await ask(stack, { tenant: 'globex', scope: 'audit_view' });
    for (const _ of [1, 2]) await look();
    await quiet(stack);
    const unusual = () =>
      stack.slack.messages(security).filter((message) => read(stack, message).includes('Used more than usual'));
    expect(unusual()).toEqual([]);

    await look();
    const notice = await said(stack, security, 'Used more than usual');
    expect(read(stack, notice)).toMatch(
      /Support access of @Olivia: Audit view on Globex\. It ends .*\.\nUses so far, refused tries included: 3\. Usual: 2 at most\.\nUsed 3 times: audit\.view 3\./,
    );
    await look();
    await quiet(stack);
    expect(unusual()).toHaveLength(1);

    await as(stack, 'sofia').click(notice, 'revoke');
    await as(stack, 'sofia').modal('revoke_reason');
    expect(await as(stack, 'sofia').submit({ comment: 'Nobody looks that often' })).toEqual({ kind: 'closed' });
    await untilState(stack, grant, 'revoked');
    expect(await look()).not.toContain('Audit trail');
  });

  test('and is over by the time it can be told has no button any more', async () => {
    const grant = await ask(stack, { tenant: 'globex', scope: 'audit_view' });
    await cardIn(stack, security, grant);
    await quiet(stack);
    const outage = stack.slack.fault('chat.postMessage', { kind: 'error_before' }, { channel: security });
    for (const _ of [1, 2, 3]) await look();
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await untilState(stack, grant, 'ended');
    outage.remove();
    const notice = await said(stack, security, 'By now it is over: ended.');
    expect(read(stack, notice)).toContain('Uses so far, refused tries included: 3. Usual: 2 at most.');
    expect(pressable(notice.blocks)).toEqual([]);
  });

  test('is not told where people of another company read along', async () => {
    const grant = await ask(stack, { tenant: 'globex', scope: 'audit_view' });
    await quiet(stack);
    const before = stack.slack.messages(security).length;
    const shared = async (is: boolean) => {
      stack.slack.updateChannel(security, { is_ext_shared: is });
      await stack.slack.event({ type: 'channel_shared', connected_team_id: 'T0OTHER', channel: security });
    };
    await shared(true);
    for (const _ of [1, 2, 3]) await look();
    const settled = async () =>
      (
        await stack.db.query<{ state: string; error: string }>(
          'superuser',
          `select state::text, last_error as error from outbox
            where kind = 'unusual_use' and grant_id = $1 and state <> 'waiting'`,
          [grant],
        )
      )[0];
    const notice = await eventually(stack, settled, 'the notice of unusual use');
    await quiet(stack);
    expect(notice).toEqual({ state: 'dead', error: 'channel_is_shared_with_another_company' });
    expect(stack.slack.messages(security)).toHaveLength(before);
    await shared(false);
  });
});

import { expect, test } from 'vitest';
import { aCrowd, addOpenGrants } from '../../bench/history.ts';
import type { OutboxDeps, Tried } from '../../src/jobs/turn.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import { type Office, office, requested } from '../usecases/office.ts';
import { delivering } from './drains.ts';

const LANE = 'C0SECURITY';
const MINUTE_MS = 60_000;

/** So many sessions whose cards stand in security ran out: each leaves an edit, a fact and the card of a review. */
async function overAtOnce(at: Office, count: number): Promise<void> {
  const admin = await at.db.session('superuser');
  const operators = Array.from({ length: count }, (_, i) => `U0OPERATOR${i}`);
  const crowd = await aCrowd(admin, operators, ['U0ANNA', 'U0SAM']);
  const places = [{ destination: LANE, audience: 'approvers' as const, channel: LANE, ts: '1.000001' }];
  const tenant = crowd.tenants[0]?.id ?? '';
  const grants = crowd.operators.map((operator, i) => {
    return { tenant, operator, places, until: new Date(Date.now() - MINUTE_MS + i), state: 'active' as const };
  });
  await addOpenGrants(admin, crowd, grants);
  expect(await closeDue(at.context, 'sweep')).toBe(count);
}

const edited: Tried = { kind: 'delivered', ts: '1.000001', channel: LANE, posted: false, card: null };
const posted: Tried = { kind: 'delivered', ts: '2.000001', channel: LANE, posted: true, card: null };

/** Delivers everything in that lane. @returns what was done, in order */
async function delivered(at: Office): Promise<string[]> {
  const done: string[] = [];
  const deliver: OutboxDeps['deliver'] = async ({ notice }, destination, folded) => {
    const edit = notice.kind === 'card' && folded.length === 0;
    if (destination === LANE) done.push(notice.kind === 'fact' ? `facts: ${folded.length + 1}` : notice.kind);
    return edit ? edited : posted;
  };
  const { work } = delivering(at, async () => posted, { deliver });
  const waiting = () => at.db.query<{ at: Date }>('superuser', "select 1 from outbox where state = 'waiting'");
  await work(async () => {
    const left = (await waiting()).length;
    const held = await at.db.query('superuser', 'select from lanes where leased_until is not null');
    if (left > 0 && held.length === 0) await at.db.clock.advance(2_000);
    return left === 0;
  }, 'everything to be told');
  return done;
}

test('many ends at once are still one message: the cards of their reviews come after it', async () => {
  const at = await office();
  await overAtOnce(at, 5);
  const done = await delivered(at);
  expect(done.filter((each) => each.startsWith('facts'))).toEqual(['facts: 5']);
  expect(done.indexOf('facts: 5')).toBeLessThan(done.indexOf('review_card'));
  expect(done.slice(-5)).toEqual(Array(5).fill('review_card'));
});

test('nobody’s approval waits for the cards of reviews: a request that comes behind them is told before', async () => {
  const at = await office();
  await overAtOnce(at, 3);
  await at.db.query(
    'superuser',
    "update outbox set state = 'delivered', settled_at = breakglass_now() where kind <> 'review_card'",
  );
  await requested(at, { tenantKey: 'globex' });
  expect(await delivered(at)).toEqual(['card', 'review_card', 'review_card', 'review_card']);
});

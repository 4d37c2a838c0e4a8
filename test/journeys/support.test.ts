import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { configured } from './configurations.ts';
import {
  approve,
  ask,
  auditOf,
  cardIn,
  dmOf,
  press,
  quiet,
  read,
  said,
  stateOf,
  submitRequest,
  tidy,
  untilState,
} from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

describe('looking at a tenant’s audit trail', () => {
  test('is active at once, and the owners and security are told without being asked', async () => {
    const grant = await ask(stack, { scope: 'audit_view', duration: '240' });
    expect(await stateOf(stack, grant)).toBe('active');
    for (const place of [channels.acme.id, channels.security.id]) {
      const card = await cardIn(stack, place, grant, 'Active until');
      expect(read(stack, card)).toContain('For your information: nobody here has to decide this.');
      expect(pressable(card.blocks)).toEqual(['revoke']);
    }
    expect(pressable((await cardIn(stack, cast.olivia.id, grant)).blocks)).toEqual(['end']);
    expect(await auditOf(stack, grant)).toEqual(['support_access.requested', 'support_access.activated']);
    await quiet(stack);
    // The card itself is the news: no second message beside it.
    expect(
      stack.slack.messages(dmOf(stack, 'olivia')).filter(({ text }) => text.includes('Your access is active')),
    ).toEqual([]);
  });

  test('for a tenant without an owner channel tells security alone', async () => {
    const grant = await ask(stack, { scope: 'audit_view', tenant: 'initech' });
    await quiet(stack);
    const places = await stack.db.query<{ destination: string }>(
      'superuser',
      'select destination from posted_messages where grant_id = $1 order by 1',
      [grant],
    );
    expect(places.map(({ destination }) => destination)).toEqual([channels.security.id, cast.olivia.id]);
    expect(await auditOf(stack, grant)).toEqual(['support_access.requested', 'support_access.activated']);
  });

  test('leaves no review behind', async () => {
    const grant = await ask(stack, { scope: 'audit_view' });
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await untilState(stack, grant, 'ended');
    expect(await auditOf(stack, grant)).not.toContain('break_glass.review_opened');
    expect(await stack.db.query('superuser', 'select 1 from reviews')).toEqual([]);
  });
});

describe('repairing a tenant’s ownership', () => {
  test.each(['anna', 'ben'] as const)('is agreed to by %s, an owner, alone', async (owner: Player) => {
    const grant = await ask(stack, { scope: 'workspace_recovery' });
    const card = await cardIn(stack, channels.acme.id, grant);
    expect(read(stack, card)).toContain(
      'an owner of Acme Corp must agree before anyone gets in. No other approval is missing.',
    );
    const pressed = await approve(stack, owner, channels.acme.id, grant);
    expect(pressed).toMatchObject({ confirm: { title: { text: 'Approve this access?' } } });
    await untilState(stack, grant, 'active');
    await said(stack, dmOf(stack, 'olivia'), 'Your access is active: Workspace recovery on Acme Corp.');
    expect(await auditOf(stack, grant)).toEqual([
      'support_access.requested',
      'support_access.approved',
      'support_access.activated',
    ]);
  });

  test('names the owner from the connected company with their own team on record', async () => {
    const grant = await ask(stack, { scope: 'workspace_recovery' });
    await approve(stack, 'ben', channels.acme.id, grant);
    await untilState(stack, grant, 'active');
    const actors = await stack.db.query<{ actor: string }>(
      'superuser',
      "select actor from audit_events where grant_id = $1 and action = 'support_access.approved'",
      [grant],
    );
    expect(actors).toEqual([{ actor: 'slack:T0ACME:U0BEN' }]);
  });
});

describe('a tenant that has no owner', () => {
  test.each([
    { scope: 'content_access', kind: 'break_glass' },
    { scope: 'workspace_recovery', kind: 'support_access' },
  ])('$scope: ops and security decide instead, which the card and a row of its own say', async ({ scope, kind }) => {
    const grant = await ask(stack, { scope, tenant: 'initech' });
    expect(await auditOf(stack, grant)).toEqual([`${kind}.requested`, `${kind}.ownerless_waived`]);
    for (const place of [channels.ops.id, channels.security.id, cast.olivia.id]) {
      expect(read(stack, await cardIn(stack, place, grant))).toContain('Owner approval waived:');
    }
    await approve(stack, 'paul', channels.ops.id, grant);
    await cardIn(stack, channels.ops.id, grant, 'approved by @Paul');
    expect(await stateOf(stack, grant)).toBe('requested');
    await approve(stack, 'sofia', channels.security.id, grant);
    await untilState(stack, grant, 'active');
  });

  test('gets no waiver within a day of losing its owners: silence is not absence', async () => {
    const without = configured({ 'owners: [U0GINA, U0GUS]': 'owners: []' });
    await stack.restart(without);
    const sent = await submitRequest(stack, { tenant: 'globex' });
    expect(sent).toMatchObject({
      kind: 'errors',
      errors: { tenant: expect.stringContaining('owners of this tenant changed within the last day') },
    });
    await said(stack, channels.globex.id, 'its owners changed, removed @Gina and @Gus');
    await said(stack, channels.security.id, 'The configuration of Globex changed');
    await said(stack, dmOf(stack, 'gina'), 'its owners changed, removed @Gina and @Gus');
    await stack.db.clock.advance(24 * 60 * 60_000);
    const grant = await ask(stack, { tenant: 'globex' });
    expect(await auditOf(stack, grant)).toContain('break_glass.ownerless_waived');
    // The owners' channel is told, and asked nothing.
    expect(read(stack, await cardIn(stack, channels.globex.id, grant))).toContain('For your information');
  });
});

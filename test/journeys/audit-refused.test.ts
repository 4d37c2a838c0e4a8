import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels, type Player } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { looksAt, noSuchView, title } from './trail.ts';
import { answerTo, as, auditOf, decideByForm, press, tidy, untilState } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const { view, look, forge, page, fill, answersSince, lastRow } = looksAt(() => stack);

describe('access ends, and with it the sight', () => {
  const ways: { way: string; close: (grant: string) => Promise<unknown>; state: string }[] = [
    { way: 'given back', close: (grant) => press(stack, 'olivia', cast.olivia.id, grant, 'end'), state: 'ended' },
    {
      way: 'revoked',
      close: (grant) =>
        decideByForm(stack, 'sam', channels.security.id, grant, 'revoke', { comment: 'That was the wrong tenant' }),
      state: 'revoked',
    },
    { way: 'run out', close: () => stack.db.clock.advance(60 * 60_000), state: 'expired' },
  ];
  test.each(ways)('of the next page and of the first, once it is $way', async ({ close, state }) => {
    const grant = await view();
    await fill('acme', 12);
    await look('acme');
    await close(grant);
    await untilState(stack, grant, state);
    const from = await lastRow();
    expect(await answerTo(stack, 'olivia', () => as(stack, 'olivia').click(page(), 'audit_older'))).toBe(noSuchView);
    expect(await look('acme')).toBe(noSuchView);
    expect(await answersSince(from)).toEqual(['access.denied', 'access.denied']);
    expect((await auditOf(stack, grant)).slice(-2)).toEqual(['access.denied', 'access.denied']);
  });
});

describe('everybody else is told one and the same', () => {
  const others: Player[] = ['omar', 'petra', 'gina', 'otis', 'gwen', 'stan'];
  test.each(others)(
    '%s: of a tenant somebody else may look at, of another, and of one that does not exist',
    async (who) => {
      await view();
      const from = await lastRow();
      for (const tenant of ['acme', 'initech', 'umbrella', 'system']) expect(await look(tenant, who)).toBe(noSuchView);
      expect(await forge('tenant=acme&before=999', who)).toBe(noSuchView);
      expect(await forge('tenant=acme', who, 'audit_csv')).toBe(noSuchView);
      const tries = await stack.db.query(
        'superuser',
        `select details->>'refusal' as refusal, details->>'about' as about from audit_events
        where action = 'access.refused' and id > $1 and actor like $2 order by id`,
        [from, `%:${cast[who].id}`],
      );
      expect(tries).toEqual(
        ['acme', 'initech', 'umbrella', 'system'].map((about) => ({ refusal: 'no_audit_view', about })),
      );
      const denied = await answersSince(from);
      expect(denied).toEqual(who === 'omar' ? Array(6).fill('access.denied') : []);
    },
  );

  test('an operator with access to one tenant: of the other', async () => {
    await view('acme');
    expect(await look('globex')).toBe(noSuchView);
    expect(await look('umbrella')).toBe(noSuchView);
    expect(await forge('tenant=globex&before=999')).toBe(noSuchView);
    expect(await forge('tenant=globex', 'olivia', 'audit_csv')).toBe(noSuchView);
  });

  test.each([
    '',
    'acme',
    'tenant=acme; drop table audit_events',
    `tenant=acme&before=${'9'.repeat(30)}`,
    'tenant=acme&role=auditor',
    '00000000-0000-0000-0000-00000000dead:owner',
  ])('whoever makes up a button that says "%s"', async (value) => {
    await view('acme');
    for (const button of ['audit_older', 'audit_filter', 'audit_csv']) {
      expect(await forge(value, 'olivia', button)).toBe(noSuchView);
    }
  });

  test('an operator who was deactivated a moment ago, although their access is still there', async () => {
    const grant = await view('acme', 'omar');
    await fill('acme', 12);
    await look('acme', 'omar');
    const from = await lastRow();
    stack.slack.updateUser(cast.omar.id, { deleted: true });
    const answers = [await look('acme', 'omar'), await forge('tenant=acme&before=999', 'omar')];
    stack.slack.updateUser(cast.omar.id, { deleted: false });
    expect(answers).toEqual([noSuchView, noSuchView]);
    expect(await answersSince(from)).toEqual([]);
    expect(await auditOf(stack, grant)).toContain('access.allowed');
  });
});

test('Slack’s silence is not taken for a no', async () => {
  await view();
  const fault = stack.slack.fault('users.info', { kind: 'error_before' });
  const answer = await look('acme');
  fault.remove();
  expect(answer).toContain('Slack did not confirm who you are');
  expect(await look('acme')).toContain(title('Acme Corp'));
});

import { expect, test } from 'vitest';
import { StalePolicy } from '../../src/store/checks/outcomes.ts';
import { startTestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';
import { asked } from './asked.ts';

test('what was asked by the rules of before is not answered with what is asked by those in force, and leaves no row', async () => {
  const api = await startTestApi();
  await activeGrant(api.session, api.world);
  const { epoch } = api.inForce;
  const call = (of: number) => ({ questions: [asked(api)], semantic: 'execute_all' as const, epoch: of });
  const [before, now, after] = await Promise.all(
    [epoch - 1, epoch, epoch + 1].map((of) => api.checks.answer(call(of))),
  );
  for (const stale of [before, after]) expect(stale).toEqual([{ failure: expect.any(StalePolicy) }]);
  expect(now).toMatchObject([{ answer: { allowed: true } }]);
  const rows = await api.db.query('superuser', "select action from audit_events where action like 'access.%'");
  expect(rows).toEqual([{ action: 'access.allowed' }]);
  await api.stop();
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  answerInSlack,
  askedInSlack,
  GOLD,
  linkedInFile,
  offeredTo,
  type SigningStack,
  signIn,
  startSigningStack,
} from './sign-ins.ts';
import { answerTo, approve, ask, auditOf } from './verbs.ts';

/** The clock moves here, and does not go back. */
let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack((issuer) =>
    linkedInFile(issuer, `{ content_access: { lapse_minutes: 10080, step_up: { acr_values: ['${GOLD}'] } } }`),
  );
});
afterAll(() => stack.stop());

const place = 'C0SECURITY';
const MINUTE = 60_000;
/** A sign-in of this moment by the database's clock, so long ago. */
const now = async (sub: string, secondsAgo = 0) => {
  const ahead = (await stack.db.clock.now()).getTime() - Date.now();
  return { sub, acr: GOLD, secondsAgo: secondsAgo - Math.round(ahead / 1000) };
};

test('a link runs out before it is opened, before the sign-in is over, and before the yes', async () => {
  const grant = await ask(stack);
  const offer = () => offeredTo(stack, 'sam', () => approve(stack, 'sam', place, grant));
  const unopened = await offer();
  await stack.db.clock.advance(11 * MINUTE);
  expect((await signIn(stack, unopened, await now('sam'))).page.status).toBe(404);
  const { browser, page } = await signIn(stack, await offer(), await now('sam'));
  await stack.db.clock.advance(9 * MINUTE);
  expect((await browser.open(page.url)).status).toBe(200);
  await stack.db.clock.advance(2 * MINUTE);
  expect((await browser.submit(page)).status).toBe(404);
  expect(await auditOf(stack, grant)).toEqual(['break_glass.requested']);
});

test('a page that stays open too long does not approve: the sign-in grew old meanwhile', async () => {
  const grant = await ask(stack, { tenant: 'globex' });
  const address = await offeredTo(stack, 'sam', () => approve(stack, 'sam', place, grant));
  const { browser, page } = await signIn(stack, address, await now('sam'));
  await stack.db.clock.advance(6 * MINUTE);
  expect((await browser.submit(page)).text).toContain('did not say that you signed in just now');
});

test('who linked themselves approves by it a day later, and not before', async () => {
  const grant = await ask(stack, { by: 'omar' });
  await answerInSlack(stack, 'sofia', await askedInSlack(stack, 'sofia', 'sofia'), 'link_confirm');
  const click = () => approve(stack, 'sofia', place, grant);
  await stack.db.clock.advance(23 * 60 * MINUTE);
  expect(await answerTo(stack, 'sofia', click)).toContain('linked within the last day');
  await stack.db.clock.advance(60 * MINUTE);
  const { browser, page } = await signIn(stack, await offeredTo(stack, 'sofia', click), await now('sofia'));
  expect((await browser.submit(page)).text).toContain('Your approval is recorded');
});

test('what is left of sign-ins is forgotten a day after they ran out', async () => {
  await stack.db.clock.advance(25 * 60 * MINUTE);
  await ask(stack, { by: 'omar', tenant: 'globex' });
  const { forgetSignIns } = await import('../../src/store/sign-ins.ts');
  const { openDatabase } = await import('../../src/store/database.ts');
  const db = openDatabase({ url: stack.db.url('app') });
  await db.acrossTenants('forget old sign-ins', forgetSignIns).finally(() => db.close());
  expect(await stack.db.query('superuser', 'select 1 from sign_ins')).toEqual([]);
});

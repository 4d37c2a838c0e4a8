import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { newBrowser } from '../support/browser.ts';
import { addressIn, GOLD, linkedInFile, offeredTo, type SigningStack, signIn, startSigningStack } from './sign-ins.ts';
import {
  answerTo,
  approve,
  ask,
  cardIn,
  decideByForm,
  quiet,
  stateOf,
  submitRequest,
  tidy,
  untilState,
} from './verbs.ts';

let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack(linkedInFile);
});
afterAll(() => stack.stop());
afterEach(async () => {
  stack.slack.updateUser('U0SAM', { deleted: false });
  await tidy(stack);
});

const place = 'C0SECURITY';
const sams = { sub: 'sam', acr: GOLD };
const approvals = (grant: string) =>
  stack.db.query<{ details: Record<string, unknown> }>(
    'superuser',
    "select details from audit_events where grant_id = $1 and action = 'break_glass.approved' order by id desc",
    [grant],
  );
const offer = (grant: string) => offeredTo(stack, 'sam', () => approve(stack, 'sam', place, grant));
/** Olivia asks, Sam presses Approve and signs in: the page asks. */
async function asked(as = sams as Parameters<typeof signIn>[2]) {
  const grant = await ask(stack);
  const address = await offer(grant);
  return { grant, address, ...(await signIn(stack, address, as)) };
}

describe('a scope that demands a fresh sign-in', () => {
  test('is approved by a click, a sign-in and a yes on the page, and how and when that was is on record', async () => {
    const { grant, browser, page } = await asked();
    const shown = [
      'Acme Corp',
      'Content access',
      'Olivia',
      'The import is corrupting documents',
      'INC-42',
      '30 minutes',
    ];
    for (const words of [...shown, 'Sam', 'security']) expect(page.text).toContain(words);
    expect(await approvals(grant)).toEqual([]);
    expect((await browser.submit(page)).text).toContain('Your approval is recorded');
    const [approval] = await approvals(grant);
    expect(approval?.details).toMatchObject({ leg: 'security', acr: GOLD, auth_time: expect.any(String) });
    await cardIn(stack, place, grant, 'Security: approved');
  });

  test('is active when everybody it needs signed in', async () => {
    const { grant, browser, page } = await asked();
    await browser.submit(page);
    const address = await offeredTo(stack, 'anna', () => approve(stack, 'anna', 'C0ACME', grant));
    const annas = await signIn(stack, address, { sub: 'anna', acr: GOLD });
    expect(await stateOf(stack, grant)).toBe('requested');
    await annas.browser.submit(annas.page);
    await untilState(stack, grant, 'active');
  });

  test.each([
    { what: 'an old sign-in', as: { ...sams, secondsAgo: 400 } },
    { what: 'a weaker sign-in', as: { sub: 'sam', acr: 'urn:example:silver' } },
    { what: 'a sign-in of unknown strength', as: { sub: 'sam' } },
    { what: 'a sign-in that is yet to come', as: { ...sams, secondsAgo: -300 } },
  ])('does not count $what', async (each) => {
    const { grant, browser, page } = await asked(each.as);
    const done = await browser.submit(page);
    expect(done.status).toBe(409);
    expect(done.text).toContain('did not say that you signed in just now');
    expect(await approvals(grant)).toEqual([]);
  });

  test('does not count a sign-in at a time that can not be written down', async () => {
    const { grant, page } = await asked({ ...sams, secondsAgo: -1e14 });
    expect([page.status, page.text.includes('could not be used')]).toEqual([502, true]);
    expect(await approvals(grant)).toEqual([]);
  });

  test('does not count the sign-in of somebody else than the one who is linked', async () => {
    const { grant, browser, page } = await asked({ sub: 'sofia', acr: GOLD });
    expect((await browser.submit(page)).text).toContain('Somebody else signed in');
    expect(await approvals(grant)).toEqual([]);
    const refused = await stack.db.query(
      'superuser',
      "select details->>'refusal' as why from audit_events where action = 'access.refused' order by id desc limit 1",
    );
    expect(refused).toEqual([{ why: 'not_the_linked_subject' }]);
  });

  test('sends whoever is not linked to be linked first', async () => {
    const grant = await ask(stack);
    expect(await answerTo(stack, 'sofia', () => approve(stack, 'sofia', place, grant))).toContain('/breakglass link');
  });

  test('asks for no sign-in of those who may not decide it anyway', async () => {
    const grant = await ask(stack);
    const told = await answerTo(stack, 'anna', () => approve(stack, 'anna', place, grant));
    expect(told).toContain('Only security can decide that');
  });

  test('is denied by a click', async () => {
    const grant = await ask(stack);
    await decideByForm(stack, 'sofia', place, grant, 'deny', { comment: 'Not now, the window is closed' });
    await untilState(stack, grant, 'denied');
  });
});

describe('what is approved', () => {
  test('is the time that was chosen in Slack, whatever else the form is made to say', async () => {
    const grant = await ask(stack);
    const sent = await decideByForm(stack, 'sam', place, grant, 'approve_shorter', { duration: '15' });
    expect(sent.kind).toBe('updated');
    const { browser, page } = await signIn(stack, addressIn(sent), sams);
    expect(page.text).toContain('15 minutes');
    const { action, fields } = page.form();
    await browser.send(action, { ...fields, minutes: '240', leg: 'owner', grant: 'another' });
    expect((await approvals(grant))[0]?.details).toMatchObject({ leg: 'security', minutes: 15 });
  });

  test('is decided by who holds the role when they agree on the page', async () => {
    const { grant, browser, page } = await asked();
    stack.slack.updateUser('U0SAM', { deleted: true });
    const done = await browser.submit(page);
    expect(done.status).toBe(409);
    expect(await approvals(grant)).toEqual([]);
  });

  test('rests on the link as it is when they agree on the page', async () => {
    const { grant, browser, page } = await asked();
    const source = (word: string) =>
      stack.db.query('superuser', "update identities set source = $1 where external_id = 'sam'", [word]);
    await source('self');
    expect((await browser.submit(page)).text).toContain('linked lately');
    await source('file');
    expect(await approvals(grant)).toEqual([]);
  });

  test('is said plainly not to be approved where the request was withdrawn meanwhile', async () => {
    const { grant, browser, page } = await asked();
    await tidy(stack);
    const done = await browser.submit(page);
    expect([done.status, done.text.includes('withdrawn')]).toEqual([409, true]);
    expect(await approvals(grant)).toEqual([]);
  });
});

describe('a link for one approval', () => {
  const deadEnd = { status: 404, text: expect.stringContaining('This link leads nowhere') };

  test('approves once, however often and in whatever way it is tried again', async () => {
    const { grant, address, browser, page } = await asked();
    const { action, fields } = page.form();
    const both = await Promise.all([browser.send(action, fields), browser.send(action, fields)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 404]);
    for (const again of [
      browser.submit(page),
      browser.open(page.url),
      browser.open(address),
      newBrowser().open(address),
    ])
      expect(await again).toMatchObject(deadEnd);
    expect(await approvals(grant)).toHaveLength(1);
  });

  test('is of the browser that opened it, with whatever it is opened elsewhere', async () => {
    const { grant, address, page } = await asked();
    const other = newBrowser();
    expect(await other.open(address)).toMatchObject(deadEnd);
    expect(await other.open(page.url)).toMatchObject(deadEnd);
    const { action, fields } = page.form();
    expect(await other.send(action, fields)).toMatchObject(deadEnd);
    expect(await approvals(grant)).toEqual([]);
  });

  test('takes no form but the one it showed', async () => {
    const { grant, browser, page: another } = await asked();
    const { page } = await signIn(stack, await offer(grant), sams, browser);
    const { action, fields } = page.form();
    for (const wrong of [{}, { token: '' }, { token: `${fields.token}x` }, another.form().fields])
      expect(await browser.send(action, wrong)).toMatchObject(deadEnd);
    expect(await approvals(grant)).toEqual([]);
    await browser.submit(page);
    expect(await approvals(grant)).toHaveLength(1);
  });

  test('counts no more once there is a newer one, wherever the older one was', async () => {
    const { grant, browser, page } = await asked();
    const another = await offer(await ask(stack, { tenant: 'globex' }));
    const unopened = await offer(grant);
    const newest = await offer(grant);
    expect(await browser.submit(page)).toMatchObject(deadEnd);
    expect(await newBrowser().open(unopened)).toMatchObject(deadEnd);
    expect(await approvals(grant)).toEqual([]);
    expect((await signIn(stack, another, sams)).page.status).toBe(200);
    const last = await signIn(stack, newest, sams);
    await last.browser.submit(last.page);
    expect(await approvals(grant)).toHaveLength(1);
  });

  test('is not used up where nothing could be approved: by an outage, or while the policy changes', async () => {
    const { grant, browser, page } = await asked();
    const superuser = (sql: string) => stack.db.query('superuser', sql);
    await superuser(`create function out_of_order() returns trigger language plpgsql as
      $$ begin raise exception 'disk full' using errcode = '53100'; end $$`);
    await superuser('create trigger out_of_order before update on grants for each row execute function out_of_order()');
    expect((await browser.submit(page)).status).toBe(503);
    await superuser('drop function out_of_order cascade');
    await superuser(`create function another_policy() returns trigger security definer language plpgsql as
      $$ begin insert into policy_epochs (hash) select hash from policy_epochs limit 1; return new; end $$`);
    await superuser(
      'create trigger another_policy after update on sign_ins for each row execute function another_policy()',
    );
    expect(await browser.submit(page)).toMatchObject({ status: 409, text: expect.stringContaining('rules changed') });
    expect(await approvals(grant)).toEqual([]);
    await superuser('drop function another_policy cascade');
    expect((await browser.submit(page)).text).toContain('Your approval is recorded');
    expect(await browser.submit(page)).toMatchObject(deadEnd);
    expect(await approvals(grant)).toHaveLength(1);
  });

  test('can be shown again in the same browser, before it is used', async () => {
    const { grant, browser, page } = await asked();
    expect((await browser.open(page.url)).text).toBe(page.text);
    await browser.submit(page);
    expect(await approvals(grant)).toHaveLength(1);
  });
});

describe('the rules that are in force', () => {
  const without = () => linkedInFile(stack.provider.issuer, '{}');
  const put = async (yaml: string): Promise<void> => {
    stack.edit(stack.bot, yaml);
    await stack.bot.reload();
  };
  afterEach(() => put(linkedInFile(stack.provider.issuer)));

  test('ask for no sign-in where none is demanded', async () => {
    await put(without());
    const grant = await ask(stack);
    await approve(stack, 'sofia', place, grant);
    await cardIn(stack, place, grant, 'Security: approved');
    expect((await approvals(grant))[0]?.details).not.toHaveProperty('acr');
  });

  test('count also for a request from before they asked for one', async () => {
    await put(without());
    const grant = await ask(stack);
    await put(linkedInFile(stack.provider.issuer));
    const { browser, page } = await signIn(stack, await offer(grant), sams);
    expect(await approvals(grant)).toEqual([]);
    await browser.submit(page);
    expect(await approvals(grant)).toHaveLength(1);
  });

  test('count also where they became stricter while the page was open', async () => {
    const { grant, browser, page } = await asked({ ...sams, secondsAgo: 100 });
    await put(
      linkedInFile(
        stack.provider.issuer,
        `{ content_access: { step_up: { acr_values: ['${GOLD}'], max_age_seconds: 60 } } }`,
      ),
    );
    expect((await browser.submit(page)).status).toBe(409);
    expect(await approvals(grant)).toEqual([]);
  });
});

test('what somebody typed is text on the page', async () => {
  const reason = 'Broken <script>alert(1)</script> "import" \u202e reversed';
  await submitRequest(stack, { reason });
  const [grant] = await stack.db.query<{ id: string }>(
    'superuser',
    'select id from grants order by requested_at desc limit 1',
  );
  const { page } = await signIn(stack, await offer(grant?.id ?? ''), sams);
  expect(page.text).toContain('Broken &lt;script&gt;alert(1)&lt;/script&gt; &quot;import&quot; [U+202E] reversed');
  await quiet(stack);
});

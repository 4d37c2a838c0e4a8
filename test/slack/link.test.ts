import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  answerInSlack,
  askedInSlack,
  linkAddress,
  linksIn,
  type SigningStack,
  signIn,
  startSigningStack,
} from '../journeys/sign-ins.ts';
import { answerTo, as, command, dmOf, quiet, read, said, type Who } from '../journeys/verbs.ts';
import { newBrowser } from '../support/browser.ts';
import { startTestStack } from '../support/stack.ts';

let stack: SigningStack;
beforeAll(async () => {
  stack = await startSigningStack();
});
afterAll(() => stack.stop());
afterEach(async () => {
  await quiet(stack); // a question that comes late would be taken for the next one
  await stack.db.query('superuser', "delete from identities where provider = 'oidc'");
  await stack.db.query('superuser', 'delete from sign_ins');
});

const link = async (who: Who, sub: string) =>
  answerInSlack(stack, who, await askedInSlack(stack, who, sub), 'link_confirm');
const recorded = () =>
  stack.db.query(
    'superuser',
    "select action, actor, details from audit_events where action like 'identity.%' order by id desc limit 1",
  );
const messages = (who: Who) => stack.slack.messages(dmOf(stack, who)).length;
const deadEnd = { status: 404, text: expect.stringContaining('This link leads nowhere') };

describe('an account is linked', () => {
  test('when its person typed the command, signed in, agreed on the page, and confirmed in Slack; and not before', async () => {
    const { browser, page } = await signIn(stack, await linkAddress(stack, 'olivia'), { sub: 'sub-1' });
    expect(page.text).toContain('Olivia');
    expect(page.text).toContain('T0HOME:U0OLIVIA');
    expect(page.text).toContain('sub-1');
    expect(await linksIn(stack)).toEqual([]);
    expect((await browser.submit(page)).text).toContain('Now answer in Slack');
    expect(await linksIn(stack)).toEqual([]);
    const question = await said(stack, dmOf(stack, 'olivia'), 'sub-1');
    expect(await answerInSlack(stack, 'olivia', question, 'link_confirm')).toContain('Linked');
    expect(await linksIn(stack)).toEqual([{ account: 'U0OLIVIA', subject: 'sub-1', source: 'self' }]);
    await said(stack, 'C0SECURITY', 'linked their Slack account with an identity');
    const name = `oidc:${stack.provider.issuer}#sub-1`;
    expect(await recorded()).toEqual([
      {
        action: 'identity.linked',
        actor: 'slack:T0HOME:U0OLIVIA',
        details: { person: 'slack:T0HOME:U0OLIVIA', name, via: 'self' },
      },
    ]);
  });

  test('as its status shows, and that it carries approvals only from a day later on', async () => {
    expect(await command(stack, 'olivia', '/breakglass status')).toContain('not linked');
    expect(await link('olivia', 'sub-1')).toContain('carries approvals from');
    expect(await command(stack, 'olivia', '/breakglass status')).toContain('sub-1');
  });

  test('until its person takes that back, which is on record', async () => {
    await link('olivia', 'sub-1');
    expect(await command(stack, 'olivia', '/breakglass unlink')).toContain(
      'not linked to your identity provider any more',
    );
    expect([await linksIn(stack), (await recorded())[0]?.action]).toEqual([[], 'identity.unlinked']);
    expect(await command(stack, 'olivia', '/breakglass unlink')).toContain('/breakglass link');
  });

  test('also across a restart', async () => {
    await link('olivia', 'sub-1');
    await stack.restart();
    expect(await linksIn(stack)).toEqual([{ account: 'U0OLIVIA', subject: 'sub-1', source: 'self' }]);
  });
});

describe('a link that is sent to somebody else', () => {
  test('names the account that made it, and asks that account alone', async () => {
    const before = messages('sam');
    const { browser, page } = await signIn(stack, await linkAddress(stack, 'omar'), { sub: 'sams-subject' });
    expect(page.text).toContain('The Slack account <b><bdi>Omar</bdi></b> (<bdi>T0HOME:U0OMAR</bdi>)');
    expect(page.text).toContain('Whoever sent you this link otherwise wants to act as you');
    await browser.submit(page);
    await said(stack, dmOf(stack, 'omar'), 'sams-subject');
    await quiet(stack);
    expect([messages('sam'), await linksIn(stack)]).toEqual([before, []]);
  });

  test('binds nobody where the account says that it was not them, and that is on record', async () => {
    const question = await askedInSlack(stack, 'omar', 'sams-subject');
    expect(await answerInSlack(stack, 'omar', question, 'link_refuse')).toContain('Nothing was linked');
    expect(await answerInSlack(stack, 'omar', question, 'link_confirm')).toContain('no such sign-in');
    expect([await linksIn(stack), (await recorded())[0]?.action]).toEqual([[], 'identity.link_refused']);
    await said(stack, 'C0SECURITY', 'says that it was not them');
  });

  test('is confirmed by nobody but the account that made it', async () => {
    const question = await askedInSlack(stack, 'omar', 'sams-subject');
    for (const who of ['sam', 'olivia'] as const)
      expect(await answerInSlack(stack, who, question, 'link_confirm')).toContain('no such sign-in');
    expect(await answerInSlack(stack, 'sam', question, 'link_refuse')).toContain('no such sign-in');
    expect(await linksIn(stack)).toEqual([]);
    const [why] = await stack.db.query(
      'superuser',
      "select details->>'refusal' as why from audit_events where action = 'access.refused' order by id desc limit 1",
    );
    expect(why).toEqual({ why: 'unknown_sign_in' });
    expect(await answerInSlack(stack, 'omar', question, 'link_confirm')).toContain('Linked');
  });

  test('is not confirmed before somebody agreed on the page, also by a button made up', async () => {
    await signIn(stack, await linkAddress(stack, 'omar'), { sub: 'sams-subject' });
    const [row] = await stack.db.query<{ id: string }>('superuser', 'select id from sign_ins');
    const said = await answerTo(stack, 'omar', () =>
      as(stack, 'omar').clickRaw(
        { action_id: 'link_confirm', value: row?.id ?? '' },
        { channel: dmOf(stack, 'omar'), ts: '1.000001' },
      ),
    );
    expect(said).toContain('no such sign-in');
    expect(await linksIn(stack)).toEqual([]);
  });
});

describe('a conflict is refused on both sides, without saying to whom', () => {
  test('where the subject is somebody`s already', async () => {
    await link('olivia', 'sub-1');
    const { browser, page } = await signIn(stack, await linkAddress(stack, 'omar'), { sub: 'sub-1' });
    const done = await browser.submit(page);
    expect([done.status, done.text.includes('is linked already'), /olivia/i.test(done.text)]).toEqual([
      409,
      true,
      false,
    ]);
    expect(await linksIn(stack)).toHaveLength(1);
  });

  test('where the account is linked already', async () => {
    await link('olivia', 'sub-1');
    expect(await command(stack, 'olivia', '/breakglass link')).toContain('linked already');
  });

  test('where two accounts confirm the same subject at once: one of them is linked', async () => {
    const questions = [
      await askedInSlack(stack, 'olivia', 'sub-1'),
      await askedInSlack(stack, 'omar', 'sub-1'),
    ] as const;
    const answers = await Promise.all([
      answerInSlack(stack, 'olivia', questions[0], 'link_confirm'),
      answerInSlack(stack, 'omar', questions[1], 'link_confirm'),
    ]);
    expect(answers.filter((words) => words.includes('Linked:'))).toHaveLength(1);
    expect(answers.filter((words) => words.includes('was not linked'))).toHaveLength(1);
    expect(await linksIn(stack)).toHaveLength(1);
  });

  test('where one account confirms twice at once, it is linked once', async () => {
    const question = await askedInSlack(stack, 'olivia', 'sub-1');
    const before = as(stack, 'olivia').ephemerals.length;
    await Promise.all([1, 2].map(() => as(stack, 'olivia').click(question, 'link_confirm')));
    await stack.slack.until(() => as(stack, 'olivia').ephemerals[before + 1], 'two answers');
    const answers = as(stack, 'olivia')
      .ephemerals.slice(before)
      .map((each) => read(stack, each));
    expect(answers.filter((words) => words.includes('Linked:'))).toHaveLength(1);
    expect(await linksIn(stack)).toHaveLength(1);
  });
});

describe('a link', () => {
  test('is opened by one browser, signed in with once, and agreed to once', async () => {
    const address = await linkAddress(stack, 'olivia');
    const { browser, page } = await signIn(stack, address, { sub: 'sub-1' });
    expect(await newBrowser().open(address)).toMatchObject(deadEnd);
    expect(await browser.open(address)).toMatchObject(deadEnd);
    await browser.submit(page);
    expect(await browser.submit(page)).toMatchObject(deadEnd);
  });

  test('counts no more once there is a newer one', async () => {
    const older = await linkAddress(stack, 'olivia');
    await linkAddress(stack, 'olivia');
    expect(await newBrowser().open(older)).toMatchObject(deadEnd);
  });

  test('is there for guests and members, and not for strangers', async () => {
    expect(await linkAddress(stack, 'gwen')).toContain('/sign-in/');
    expect(await command(stack, 'stan', '/breakglass link')).toContain('Only people of this workspace');
  });

  test('can be confirmed for minutes, not longer', async () => {
    const address = await linkAddress(stack, 'omar');
    const question = await askedInSlack(stack, 'olivia', 'sub-1');
    await stack.db.clock.advance(11 * 60_000);
    expect(await newBrowser().open(address)).toMatchObject(deadEnd);
    expect(await answerInSlack(stack, 'olivia', question, 'link_confirm')).toContain('no such sign-in');
    expect(await linksIn(stack)).toEqual([]);
  });
});

test('where no identity provider is set up, the command says so', async () => {
  const plain = await startTestStack();
  expect(await command(plain, 'olivia', '/breakglass link')).toContain('No identity provider is set up here');
  expect(await command(plain, 'olivia', '/breakglass status')).not.toContain('link');
  await plain.stop();
});

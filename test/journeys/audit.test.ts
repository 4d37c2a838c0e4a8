import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { troubleSentence } from '../../src/slack/views/refusals.ts';
import { markupIn } from '../slack/views-markup.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { actionsIn, looksAt, title } from './trail.ts';
import { answerTo, as, ask, auditOf, command, read, tidy, toldAfter } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const { view, look, page, fill, answersSince, lastRow } = looksAt(() => stack);

describe('an operator with audit view', () => {
  test('looks at the tenant’s trail, which says who did what and why, and finds that look in it', async () => {
    const grant = await view();
    const first = await look('acme');
    expect(first).toContain(title('Acme Corp'));
    expect(actionsIn(first).slice(0, 3)).toEqual([
      'access.allowed',
      'support_access.activated',
      'support_access.requested',
    ]);
    expect(first).toMatch(
      /\*support_access\.requested\* .*, @Olivia, audit_view, 1 h\nticket: INC-42\nreason: The import/,
    );
    const second = await look('ACME');
    expect(second).toMatch(
      /\*access\.allowed\* .*, @Olivia, granted\naction: audit\.view\nresource: audit_trail newest/,
    );
    expect(actionsIn(second).slice(0, 2)).toEqual(['access.allowed', 'access.allowed']);
    expect((await auditOf(stack, grant)).slice(-2)).toEqual(['access.allowed', 'access.allowed']);
  });

  test('turns to older pages, each a new answer and each on record, and sees every row once', async () => {
    await view();
    await fill('acme', 25);
    const from = await lastRow();
    const pages = [await look('acme')];
    while (pressable(page().blocks).includes('audit_older')) {
      pages.push(await answerTo(stack, 'olivia', () => as(stack, 'olivia').click(page(), 'audit_older')));
    }
    expect(pages.length).toBeGreaterThan(2);
    expect(await answersSince(from)).toEqual(pages.map(() => 'access.allowed'));
    const ids = await stack.db.query<{ action: string }>(
      'superuser',
      `select action from audit_events a join tenants t on t.id = a.tenant_id where key = 'acme' order by a.id desc`,
    );
    const later = pages.length - 1;
    expect(pages.flatMap(actionsIn)).toEqual(ids.slice(later).map(({ action }) => action));
    expect(as(stack, 'olivia').ephemerals.filter(({ ephemeralTo }) => ephemeralTo !== cast.olivia.id)).toEqual([]);
  });

  test('looks where they like, and nobody else in that channel sees it', async () => {
    await view('globex');
    const before = stack.slack.messages(channels.general.id).filter(({ ephemeralTo }) => !ephemeralTo).length;
    const told = as(stack, 'olivia').ephemerals.length;
    await as(stack, 'olivia').command('/support-access', 'audit globex', { channel: channels.general.id });
    const answer = await toldAfter(stack, 'olivia', told);
    expect(answer).toMatchObject({ channel: channels.general.id, ephemeralTo: cast.olivia.id });
    expect(read(stack, answer)).toContain(title('Globex'));
    expect(read(stack, answer)).not.toMatch(/Acme/i);
    expect(stack.slack.messages(channels.general.id).filter(({ ephemeralTo }) => !ephemeralTo)).toHaveLength(before);
  });

  test('is told what to type where no tenant is named', async () => {
    const from = await lastRow();
    expect(await look('')).toBe('Type /support-access audit TENANT, with the key of the tenant.');
    expect(await answersSince(from)).toEqual([]);
  });

  test('sees the whole trail by either command, and finds how in the help of both', async () => {
    await view();
    const support = actionsIn(await look('acme'));
    const emergency = actionsIn(await command(stack, 'olivia', '/breakglass audit acme'));
    expect(emergency.slice(1)).toEqual(support.slice(0, 9));
    for (const name of ['/breakglass', '/support-access']) {
      expect(await command(stack, 'olivia', `${name} help`)).toContain(`${name} audit`);
    }
  });
});

test('whatever stands in a trail is read, and is no mark, mention or link', async () => {
  const hostile =
    '<!channel> *bold* _it_ ~s~ `code` <https://evil.example|Approve> <@U0OTIS> :tada: \u202e\n> *access.allowed*';
  await ask(stack, { by: 'omar', scope: 'audit_view', reason: hostile });
  await view();
  await stack.db.query(
    'superuser',
    `insert into audit_events (action, actor, tenant_id, request_id, details)
     select 'access.denied', 'key:' || $1, id, 'hostile',
            jsonb_build_object('subject', $1::text, 'action', $1, 'resource', jsonb_build_object('type', $1, 'id', $1), 'reason', 'no_grant')
       from tenants where key = 'acme'`,
    [hostile],
  );
  const text = await look('acme');
  expect(text.match(/evil\.example/g)?.length).toBeGreaterThan(4);
  const { text: fallback, blocks } = page();
  const found = markupIn({ text: fallback, blocks });
  expect(found.filter((each) => !/^(date|line|mark \*|mention @U0(OLIVIA|OMAR))$/.test(each))).toEqual([]);
  expect(actionsIn(text).length).toBe(blocks.length - 2); // every row and no line beside; the title, and the buttons
});

test('a database that does not take the record of a look shows nothing, and the person is told', async () => {
  await view();
  await stack.db.query(
    'superuser',
    `create function no_record() returns trigger language plpgsql as $$ begin raise exception 'disk full'; end $$;
     create trigger no_record before insert on audit_events for each row when (new.action like 'access.%') execute function no_record()`,
  );
  expect(await look('acme')).toBe(troubleSentence);
  await stack.db.query('superuser', 'drop function no_record() cascade');
  expect(await look('acme')).toContain(title('Acme Corp'));
});

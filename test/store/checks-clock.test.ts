import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { activeGrant, aPerson, inScope } from '../support/builders.ts';
import { answering, answersOf, asked } from './asked.ts';
import { settled, untilWaitedFor } from './locks.ts';

const LASTS = 'allowed_by_a_grant_that_lasts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  await letTheClockMoveMidStatement();
});
afterAll(() => api.stop());

/** A sequence is seen at once by everybody, statements under way included; a clock made anew is seen by the next ones. */
async function letTheClockMoveMidStatement(): Promise<void> {
  for (const statement of [
    'create sequence minutes_on minvalue 0 start 0',
    'grant select, update on sequence minutes_on to public',
    `create or replace function breakglass_now() returns timestamptz language plpgsql volatile parallel safe as $$ begin
       return pg_catalog.clock_timestamp() + (select last_value from public.minutes_on) * interval '1 minute'; end $$`,
    // Between an answer and its row.
    `create function move_on() returns trigger language plpgsql as $$ begin
       perform setval('public.minutes_on', last_value + 61) from public.minutes_on;
       return new; end $$`,
    `create trigger a_move_on before insert on audit_events for each row
       when (new.action = 'access.allowed' and new.details #>> '{resource,id}' = 'late') execute function move_on()`,
  ])
    await api.db.query('owner', statement);
}

const moveOn = (minutes: number) =>
  api.db.query('owner', "select setval('minutes_on', last_value + $1) from minutes_on", [minutes]);

let people = 0;
/** Somebody with an hour of content and half an hour of the audit, for questions about both. */
async function somebody() {
  people += 1;
  const user = `U0CLOCK${people}`;
  const operator = await aPerson(api.session, user);
  const content = await activeGrant(api.session, { ...api.world, operator });
  const view = { kind: 'support_access', scope: 'audit_view', circumstance: null, required_legs: [] };
  const audit = await activeGrant(api.session, { ...api.world, operator }, { ...view, minutes_granted: 30 });
  const question = asked(api, { subject: `slack:T0HOME:${user}`, externalId: user });
  return { content, audit, question };
}

/** Holds a grant's row while a check waits for it, lets time pass, and lets go. */
async function passing(minutes: number, grant: string, questions: Parameters<typeof answersOf>[2]) {
  const holder = await api.db.session('superuser');
  await holder.query('begin');
  await holder.query('select from grants where id = $1 for update', [grant]);
  const answers = answersOf(await answering(api), api, questions);
  answers.catch(() => {}); // it may fail before the caller hears of it
  await untilWaitedFor(api.db, holder);
  await moveOn(minutes);
  await holder.query('rollback');
  return answers;
}

describe('access that runs out while the check waits for a lock', () => {
  test('is over', async () => {
    const { content, question } = await somebody();
    expect(await passing(61, content, [question])).toMatchObject([{ allowed: false, reason: 'expired' }]);
  });

  test.each(['content', 'audit'] as const)(
    'is over also where it was looked at before the wait, for the %s',
    async (kind) => {
      const at = await somebody();
      const both = { ...at.question, needs: ['content_access', 'audit_view'] as const };
      const [answer] = await passing(kind === 'audit' ? 31 : 45, at[kind], [both]);
      expect(answer).toMatchObject({ allowed: false });
    },
  );

  test.each([0, 1])(
    'is over for the questions that share the statement: it says no, or is refused and asked again (%d)',
    async (held) => {
      const both = [await somebody(), await somebody()];
      const about = both.map(({ question }) => ({ ...question, needs: ['audit_view'] as const }));
      const answers = await settled(passing(31, both[held]?.audit ?? '', about));
      if (answers.status === 'rejected') expect(answers.reason).toMatchObject({ constraint: LASTS });
      else expect(answers.value.filter(({ allowed }) => allowed)).toEqual([]);
      const again = await answersOf(await answering(api), api, about);
      expect(again.map(({ reason }) => reason)).toEqual(['expired', 'expired']);
    },
  );

  test('is not over a minute before', async () => {
    const { content, question } = await somebody();
    expect(await passing(59, content, [question])).toMatchObject([{ allowed: true }]);
  });
});

describe('what is on record as allowed', () => {
  let grant: string;
  beforeEach(async () => {
    await moveOn(61);
    await closeOlivias();
    grant = await activeGrant(api.session, api.world);
  });

  test('was so at the moment of its row: access that ran out just before is asked about again, and is over', async () => {
    const heard = await ask(api.url, key, aboutDocument(OLIVIA, api.world.acmeKey, 'late'));
    expect(heard).toMatchObject({ decision: false, reason: 'expired' });
    const rows = await api.db.query('superuser', 'select action from audit_events where grant_id = $1', [grant]);
    expect(rows).toEqual([{ action: 'access.denied' }]);
  });

  test.each([
    ['after its end', "jsonb_build_object('expires_at', breakglass_now() - interval '1 second')"],
    ['without an end', "'{}'"],
  ])('can’t be so %s, whoever writes it', async (_, details) => {
    const session = await answering(api);
    const row = session.query(
      `insert into audit_events (action, actor, tenant_id, grant_id, request_id, details)
       values ('access.allowed', 'system:test', $1, $2, 'a-test', ${details})`,
      [api.world.acme, grant],
    );
    await expect(row).rejects.toMatchObject({ code: '23514', constraint: LASTS });
  });
});

async function closeOlivias(): Promise<void> {
  await inScope(api.session, api.world.acme, () =>
    api.session.query(
      `update grants set state = 'expired', closed_at = breakglass_now(), version = version + 1
        where requester_id = $1 and state = 'active'`,
      [api.world.operator],
    ),
  );
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant } from '../support/builders.ts';

/** OpenID AuthZEN 1.0, Access Evaluations: several questions in one request. */
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const yes = () => question(api.world.acmeKey, { id: 'yes' });
const no = () => question(api.world.globexKey, { id: 'no' });
const wrong = { resource: 'nothing of the kind' };

const ask = async (
  body: unknown,
): Promise<{ evaluations: { decision: boolean; context: Record<string, unknown> }[] }> => {
  const response = await api.post('/access/v1/evaluations', key, body);
  expect(response.status).toBe(200);
  return (await response.json()) as Awaited<ReturnType<typeof ask>>;
};

/** The ids of the resources of the rows that a request wrote, in their order. */
async function recordedBy(work: () => Promise<unknown>): Promise<string[]> {
  const [before] = await api.db.query<{ id: string }>(
    'superuser',
    'select coalesce(max(id), 0) as id from audit_events',
  );
  await work();
  const rows = await api.db.query<{ doc: string }>(
    'superuser',
    `select details->'resource'->>'id' as doc from audit_events where id > $1 order by id`,
    [before?.id],
  );
  return rows.map(({ doc }) => doc);
}

describe('the semantics', () => {
  const semantics: [string, () => object[], boolean[]][] = [
    ['execute_all', () => [yes(), no(), yes()], [true, false, true]],
    ['deny_on_first_deny', () => [yes(), no(), yes()], [true, false]],
    ['deny_on_first_deny', () => [yes(), yes()], [true, true]],
    ['deny_on_first_deny', () => [yes(), wrong, yes()], [true, false]],
    ['deny_on_first_deny', () => [no(), wrong], [false]],
    ['permit_on_first_permit', () => [no(), yes(), no()], [false, true]],
    ['permit_on_first_permit', () => [no(), wrong, yes(), yes()], [false, false, true]],
    ['permit_on_first_permit', () => [no(), no()], [false, false]],
  ];
  test.each(semantics)('%s', async (evaluations_semantic, evaluations, decisions) => {
    const answer = await ask({ evaluations: evaluations(), options: { evaluations_semantic } });
    expect(answer.evaluations.map(({ decision }) => decision)).toEqual(decisions);
    expect(Object.keys(answer)).toEqual(['evaluations']);
  });

  test('what is not looked at is not on record', async () => {
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    expect(await recordedBy(() => ask({ evaluations: [yes(), no(), yes()], options }))).toEqual(['yes', 'no']);
    const first = { evaluations_semantic: 'permit_on_first_permit' };
    expect(await recordedBy(() => ask({ evaluations: [yes(), no()], options: first }))).toEqual(['yes']);
    expect(await recordedBy(() => ask({ evaluations: [yes(), no(), yes()] }))).toEqual(['yes', 'no', 'yes']);
  });

  test('requests that share a statement stop each for itself', async () => {
    const options = { evaluations_semantic: 'deny_on_first_deny' };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        ask({ evaluations: i % 2 ? [no(), yes()] : [yes(), yes(), no(), yes()], options }),
      ),
    );
    const lengths = answers.map(({ evaluations }) => evaluations.length);
    expect(lengths).toEqual(Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : 3)));
  });

  test.each(['first_come', '', null, 5])('that nobody knows, %j, are a 400', async (evaluations_semantic) => {
    const response = await api.post('/access/v1/evaluations', key, {
      evaluations: [yes()],
      options: { evaluations_semantic },
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(/^options\.evaluations_semantic: expected one of execute_all/);
  });

  test('other options are ignored', async () => {
    const answer = await ask({ evaluations: [yes()], options: { another_option: 'value' } });
    expect(answer.evaluations).toHaveLength(1);
  });
});

describe('a default', () => {
  test('is replaced as a whole, never merged into', async () => {
    const { subject, action, resource } = yes();
    // The item's resource names no tenant: it does not get the default's.
    const answer = await ask({
      subject,
      action,
      resource,
      evaluations: [{}, { resource: { type: 'document', id: 'x' } }],
    });
    expect(answer.evaluations.map(({ decision }) => decision)).toEqual([true, false]);
  });

  test('that is malformed harms only the items that need it', async () => {
    const answer = await ask({
      subject: 'alice',
      evaluations: [yes(), { action: yes().action, resource: yes().resource }],
    });
    expect(answer.evaluations[0]?.decision).toBe(true);
    expect(answer.evaluations[1]).toEqual({
      decision: false,
      context: { error: { status: 400, message: 'subject: expected an object.' } },
    });
  });

  test('of the context names the work of every item that has none of its own', async () => {
    const rows = await recordedContexts({
      context: { request_id: 'all' },
      evaluations: [yes(), { ...yes(), context: { request_id: 'own' } }],
    });
    expect(rows).toEqual(['all', 'own']);
  });

  async function recordedContexts(body: object): Promise<string[]> {
    const { evaluations } = await ask(body);
    const ids = evaluations.map(({ context }) => context.evaluation_id);
    const rows = await api.db.query<{ work: string }>(
      'superuser',
      `select details->>'context_request_id' as work from audit_events where details->>'evaluation' = any ($1) order by id`,
      [ids],
    );
    return rows.map(({ work }) => work);
  }
});

describe('a mistake', () => {
  test('in an item is that item`s no, with what was expected; nothing of it is on record', async () => {
    let answer: Awaited<ReturnType<typeof ask>> = { evaluations: [] };
    const rows = await recordedBy(async () => {
      answer = await ask({ evaluations: [yes(), wrong, { ...yes(), action: { name: 7 } }, no()] });
    });
    expect(answer.evaluations.map(({ decision }) => decision)).toEqual([true, false, false, false]);
    expect(answer.evaluations[2]?.context).toEqual({ error: { status: 400, message: 'action.name: expected text.' } });
    expect(rows).toEqual(['yes', 'no']);
  });

  test.each([
    ['evaluations that are no list', { evaluations: {} }, 'evaluations: expected a list of objects.'],
    ['an evaluation that is no object', { evaluations: [5] }, 'evaluations.0: expected an object.'],
    ['options that are no object', { evaluations: [{}], options: 'all' }, 'options: expected an object.'],
    [
      'more than can be asked at once',
      { evaluations: Array.from({ length: 501 }, () => ({})) },
      'evaluations: expected 500 evaluations or fewer.',
    ],
  ])('in the request as a whole is a 400: %s', async (_, body, words) => {
    const response = await api.post('/access/v1/evaluations', key, body);
    expect([response.status, await response.text()]).toEqual([400, words]);
  });
});

test('long defaults that would be written down hundreds of times are a 400', async () => {
  const { subject, action } = yes();
  const resource = { type: 'd', id: 'x'.repeat(1_000), properties: { tenant: 'y'.repeat(1_000) } };
  const evaluations = Array.from({ length: 200 }, () => ({}));
  const response = await api.post('/access/v1/evaluations', key, { subject, action, resource, evaluations });
  expect(response.status).toBe(400);
  expect(await response.text()).toBe('evaluations: expected 262144 characters or fewer, with the defaults put in.');
});

test('five hundred questions get five hundred answers, in their order, each on record', async () => {
  const evaluations = Array.from({ length: 500 }, (_, i) => ({
    resource: { type: 'd', id: `${i}`, properties: { tenant: i % 3 ? 'x' : api.world.acmeKey } },
  }));
  const { subject, action } = yes();
  const answer = await ask({ subject, action, evaluations });
  expect(answer.evaluations.map(({ decision }) => decision)).toEqual(evaluations.map((_, i) => i % 3 === 0));
  const [row] = await api.db.query<{ n: number }>(
    'superuser',
    `select count(*)::int as n from audit_events where details->>'evaluation' = any ($1)`,
    [answer.evaluations.map(({ context }) => context.evaluation_id)],
  );
  expect(row?.n).toBe(500);
});

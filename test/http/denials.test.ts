import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyWish } from '../../src/usecases/api-keys.ts';
import { OLIVIA, question, startTestApi, type TestApi } from '../support/api.ts';
import { activeGrant, aPerson, aTenant } from '../support/builders.ts';
import { NO_GRANT, NOTHING_FOUND, wholeOf } from './answers.ts';

const NORA = 'slack:T0HOME:U0NORA';
const ARCHIVED = 'gone-tenant';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  const { session, world } = api;
  await aPerson(session, 'U0NORA');
  const gone = await aTenant(session, ARCHIVED);
  for (const tenant_id of [world.acme, world.globex, gone]) await activeGrant(session, world, { tenant_id });
  await api.db.query('superuser', 'update tenants set archived_at = breakglass_now() where id = $1', [gone]);
});
afterAll(() => api.stop());

type Search = 'subject' | 'resource' | 'action';
type Question = ReturnType<typeof question>;

interface Denial {
  what: string;
  /** What differs from a key that may ask about Acme, everybody and everything. */
  bounds?: Partial<KeyWish>;
  asked: () => Question;
  /** Said on record only; null where nothing was ever granted. */
  why: string | null;
  /** Whose record it is. */
  recordOf: 'acme' | 'nobody';
  /** Searches that would find something if it were not for this. */
  searches: readonly Search[];
}

const acme = (rest?: Parameters<typeof question>[1]) => question(api.world.acmeKey, rest);
const withSubject = (subject: Question['subject']) => ({ ...acme(), subject });
const noTenant = (): Question => {
  const { properties: _, ...resource } = acme().resource;
  return { ...acme(), resource: { ...resource, properties: {} as { tenant: string } } };
};

const elsewhere = { recordOf: 'nobody', why: 'tenant_unknown_or_not_bound', searches: ['subject', 'action'] } as const;
const unbound = { recordOf: 'nobody', why: 'subject_or_action_not_bound' } as const;
const nobody = { recordOf: 'acme', why: 'unknown_subject', searches: ['resource', 'action'] } as const;
const everySearch = ['subject', 'resource', 'action'] as const;

const denials: readonly Denial[] = [
  { what: 'nobody granted anything', asked: () => acme({ subject: NORA }), ...nobody, why: null },
  { what: 'a tenant that does not exist', asked: () => question('no-such-tenant'), ...elsewhere },
  { what: 'a tenant that the key is not bound to', asked: () => question(api.world.globexKey), ...elsewhere },
  { what: 'a tenant that was archived', bounds: { tenants: null }, asked: () => question(ARCHIVED), ...elsewhere },
  { what: 'a tenant of no name', asked: () => question(''), ...elsewhere },
  { what: 'no tenant', asked: noTenant, ...elsewhere },
  { what: 'a subject that nobody is', asked: () => acme({ subject: 'slack:T0HOME:U0GHOST' }), ...nobody },
  { what: 'a name that names nobody', asked: () => acme({ subject: 'slack:T0HOME' }), ...nobody },
  { what: 'a subject that is no person', asked: () => withSubject({ type: 'service', id: OLIVIA }), ...nobody },
  {
    what: 'a subject that the key is not bound to',
    bounds: { subjects: [NORA] },
    asked: acme,
    ...unbound,
    searches: everySearch,
  },
  {
    what: 'an action that is not configured',
    asked: () => acme({ action: 'content.fly' }),
    ...{ recordOf: 'acme', why: 'unknown_action', searches: ['subject', 'resource'] },
  },
  {
    what: 'an action that the key is not bound to',
    ...{ bounds: { actions: ['content.write'] }, asked: acme, ...unbound, searches: ['subject', 'resource'] },
  },
];

const keyFor = ({ bounds }: Denial) => api.key({ tenants: [api.world.acmeKey], ...bounds });

const searchesOf = ({ subject, action, resource }: Question): Record<Search, object> => ({
  subject: { subject: { type: 'user' }, action, resource },
  resource: { subject, action, resource: { type: 'tenant' } },
  action: { subject, resource },
});

/** What was put on record last. */
async function lastRecord() {
  const [row] = await api.db.query<{ action: string; tenant_id: string | null; grant_id: string | null; why?: string }>(
    'superuser',
    `select action, tenant_id, grant_id, details ->> 'why' as why from audit_events where action like 'access.%' order by id desc limit 1`,
  );
  return row;
}

test('a key that may ask is answered yes about the same things: what follows are denials for one reason each', async () => {
  const key = await api.key({ tenants: [api.world.acmeKey], subjects: [OLIVIA], actions: ['content.read'] });
  const { body } = await wholeOf(await api.post('/access/v1/evaluation', key, acme()));
  expect(body).toContain('"decision":true');
  for (const [search, asked] of Object.entries(searchesOf(acme()))) {
    const found = await wholeOf(await api.post(`/access/v1/search/${search}`, key, asked));
    expect(found.body, search).not.toBe(NOTHING_FOUND);
  }
});

describe.each(denials)('$what', (denial) => {
  test('is the one denial, to the byte', async () => {
    const key = await keyFor(denial);
    const answer = await wholeOf(await api.post('/access/v1/evaluation', key, denial.asked()));
    const [first] = denials;
    if (!first) throw new Error('Nothing to compare with.');
    const reference = await api.post('/access/v1/evaluation', await keyFor(first), first.asked());
    expect(answer).toEqual(await wholeOf(reference));
    expect(answer).toMatchObject({ status: 200, body: NO_GRANT });
  });

  test('is the same in a batch, after the defaults were put in', async () => {
    const key = await keyFor(denial);
    const { subject, action, resource } = denial.asked();
    const batches = [
      { subject, action, evaluations: [{ resource }, { resource }] },
      { action, resource, evaluations: [{ subject }, { subject }] },
      { subject, resource, evaluations: [{ action }, { action }] },
      { ...acme(), evaluations: [{ subject, action, resource }, denial.asked()] },
    ];
    for (const batch of batches) {
      const { status, body } = await wholeOf(await api.post('/access/v1/evaluations', key, batch));
      expect({ status, body }).toEqual({ status: 200, body: `{"evaluations":[${NO_GRANT},${NO_GRANT}]}` });
    }
  });

  test.each(denial.searches)('finds nothing in a search for a %s', async (search) => {
    const key = await keyFor(denial);
    const asked = searchesOf(denial.asked())[search];
    const found = await wholeOf(await api.post(`/access/v1/search/${search}`, key, asked));
    expect(found).toMatchObject({ status: 200, body: NOTHING_FOUND });
  });

  test('is on record with its reason, for the tenant only where the key may ask there', async () => {
    await api.post('/access/v1/evaluation', await keyFor(denial), denial.asked());
    expect(await lastRecord()).toEqual({
      action: 'access.denied',
      tenant_id: denial.recordOf === 'acme' ? api.world.acme : null,
      grant_id: null,
      why: denial.why,
    });
  });
});

describe('a tenant that names two', () => {
  const two = () => ({
    ...acme(),
    resource: { type: 'tenant', id: api.world.acmeKey, properties: { tenant: api.world.globexKey } },
  });
  const words = 'resource: expected one tenant, and its id and properties.tenant name two.';

  test.each(['evaluation', 'search/subject', 'search/action'])('is a bad request at %s', async (path) => {
    const answer = await wholeOf(await api.post(`/access/v1/${path}`, await api.key(), two()));
    expect(answer).toMatchObject({ status: 400, body: words });
  });

  test('is a no of its own in a batch, and the others are answered', async () => {
    const batch = { evaluations: [two(), acme()] };
    const response = await api.post('/access/v1/evaluations', await api.key(), batch);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      evaluations: [{ decision: false, context: { error: { status: 400, message: words } } }, { decision: true }],
    });
  });
});

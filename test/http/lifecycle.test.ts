import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { question } from '../support/api.ts';
import { type ApiWithPeople, apiWithPeople } from './callers.ts';

let api: ApiWithPeople;
let service: string;
beforeAll(async () => {
  api = await apiWithPeople();
  service = await api.key({ name: 'reader' });
});
afterAll(() => api.stop());

const [olivia, anna, sam, petra] = ['U0OLIVIA', 'U0ANNA', 'U0SAM', 'U0PETRA'].map((user) => `person-${user}`) as [
  string,
  string,
  string,
  string,
];

async function call(path: string, by: string, body?: object, headers: Record<string, string> = {}) {
  const json = body && { 'content-type': 'application/json' };
  const answer = await fetch(`${api.url}/v1${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by}`, ...json, ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, said: JSON.parse(await answer.text()) };
}

const wish = () => ({
  ...{
    tenant: api.world.acmeKey,
    scope: 'content_access',
    circumstance: 'critical_incident',
    ticket: 'INC-42',
    minutes: 30,
  },
  reason: 'The import corrupts documents',
});
const ask = async (by = olivia, more = {}) => (await call('/grants', by, { ...wish(), ...more })).said;
async function active(): Promise<string> {
  const { id } = await ask();
  await call(`/grants/${id}/approve`, anna, { leg: 'owner' });
  await call(`/grants/${id}/approve`, sam, { leg: 'security' });
  return id;
}
const end = (id: string) => call(`/grants/${id}/end`, olivia);
const isAllowed = async (): Promise<boolean> =>
  JSON.parse(await (await api.post('/access/v1/evaluation', service, question(api.world.acmeKey))).text()).decision;
const rowsAbout = (grant: string) =>
  api.db.query<{ action: string; actor: string; details: Record<string, unknown> }>(
    'superuser',
    'select action, actor, details from audit_events where grant_id = $1 order by id',
    [grant],
  );

describe('access without Slack', () => {
  test('is asked for, agreed to by two, checked, and given back; each step says who and where', async () => {
    const asked = await ask();
    expect(asked).toMatchObject({
      ...{ state: 'requested', requester: 'slack:T0HOME:U0OLIVIA', requested_via: 'api', minutes_asked: 30 },
      legs: [
        { role: 'owner', decision: null },
        { role: 'security', decision: null },
      ],
    });
    expect(await isAllowed()).toBe(false);
    const first = await call(`/grants/${asked.id}/approve`, anna, { leg: 'owner', minutes: 20, comment: 'Go on.' });
    expect(first).toMatchObject({ status: 200, said: { state: 'requested', minutes_granted: 20 } });
    const second = await call(`/grants/${asked.id}/approve`, sam, { leg: 'security' });
    expect(second.said).toMatchObject({
      state: 'active',
      legs: [{ decision: { by: 'slack:T0HOME:U0ANNA', via: 'api' } }, {}],
    });
    expect(await isAllowed()).toBe(true);
    const over = await end(asked.id);
    expect(over.said).toMatchObject({
      state: 'ended',
      closed: { by: 'slack:T0HOME:U0OLIVIA', via: 'api' },
      review: { state: 'open' },
    });
    expect(await isAllowed()).toBe(false);
    const rows = (await rowsAbout(asked.id)).filter(({ action }) => action.startsWith('break_glass.'));
    expect(
      rows.map(({ action, actor, details }) => [action.slice(12), actor.slice(13), details.outside ?? false]),
    ).toEqual([
      ['requested', 'U0OLIVIA', true],
      ['approved', 'U0ANNA', true],
      ['approved', 'U0SAM', true],
      ['activated', 'U0SAM', false],
      ['ended', 'U0OLIVIA', true],
      ['review_opened', 'U0OLIVIA', false],
    ]);
  });

  test('is reviewed by somebody who did not approve it', async () => {
    const id = await active();
    await end(id);
    const names = ['cause_documented', 'evidence_produced', 'permissions_reviewed', 'preventive_work_filed'];
    const more = [
      'temporary_credentials_removed',
      'temporary_network_access_removed',
      'secrets_rotated_or_not_exposed',
    ];
    const answers = Object.fromEntries(
      [...names, ...more].map((name) => [name, { answer: 'no', note: 'It was not.' }]),
    );
    expect((await call(`/grants/${id}/review`, sam, { answers })).said).toMatchObject({
      status: 409,
      refusal: 'decided_it',
    });
    expect((await call(`/grants/${id}/review`, api.as('U0ADA'), { answers })).said).toMatchObject({
      review: { state: 'reviewed' },
    });
  });

  test('is denied, withdrawn and revoked with the same rules as anywhere', async () => {
    const denied = await ask();
    expect((await call(`/grants/${denied.id}/deny`, sam, { leg: 'security', reason: ' ' })).said).toMatchObject({
      ...{ status: 422, refusal: 'reason_length' },
    });
    const no = await call(`/grants/${denied.id}/deny`, sam, { leg: 'security', reason: 'This is no emergency.' });
    expect(no.said).toMatchObject({ state: 'denied', closed: { via: 'api', reason: 'This is no emergency.' } });
    const withdrawn = await ask();
    expect((await call(`/grants/${withdrawn.id}/withdraw`, petra)).said).toMatchObject({
      status: 403,
      refusal: 'not_yours',
    });
    expect((await call(`/grants/${withdrawn.id}/withdraw`, olivia)).said).toMatchObject({ state: 'withdrawn' });
    const revoked = await active();
    const stop = await call(`/grants/${revoked}/revoke`, anna, { reason: 'The incident is over by now.' });
    expect(stop.said).toMatchObject({ state: 'revoked', closed: { by: 'slack:T0HOME:U0ANNA' } });
  });

  test.each([
    ['their own request', olivia, 'security', 409, 'own_request'],
    ['a leg that is not theirs', petra, 'security', 403, 'not_the_role'],
    ['a leg that it does not need', petra, 'ops', 409, 'not_a_leg'],
  ])('is not agreed to by somebody for %s', async (_, by, leg, status, refusal) => {
    const { id } = await ask();
    expect((await call(`/grants/${id}/approve`, by, { leg })).said).toMatchObject({ status, refusal });
    await call(`/grants/${id}/withdraw`, olivia);
  });

  test('is not to be had by who is no operator', async () => {
    const refused = await call('/grants', sam, wish());
    expect(refused.said).toMatchObject({ status: 403, refusal: 'not_an_operator' });
  });

  test('asked for by an operator of the provider’s group says so, for those who look whether they still are', async () => {
    await api.db.query(
      'superuser',
      `insert into identities (provider, issuer, external_id, person_id, source)
       select 'oidc', 'https://id.example.com', 'U0GRACE', person_id, 'file' from identities where external_id = $1`,
      [await slackAccountOf('U0GRACE')],
    );
    const { id } = await ask(api.as('U0GRACE:group-operator'), { scope: 'reenable_admin' });
    const [row] = await rowsAbout(id);
    expect(row?.details).toMatchObject({ provider_operator: true, outside: true });
  });
});

/** A person whom only Slack knows. */
async function slackAccountOf(user: string): Promise<string> {
  await api.db.query(
    'superuser',
    `with person as (insert into people default values returning id)
     insert into identities (provider, issuer, external_id, person_id) select 'slack', 'T0HOME', $1, id from person`,
    [user],
  );
  return user;
}

describe('step-up', () => {
  const gold = { acrValues: ['urn:example:gold'], maxAgeSeconds: 300 };
  const demanding = async (work: () => Promise<void>): Promise<void> => {
    const { policy } = api.inForce;
    const usual = policy.scopes;
    Object.assign(policy, { scopes: { ...usual, content_access: { ...usual.content_access, stepUp: gold } } });
    await work().finally(() => Object.assign(policy, { scopes: usual }));
  };

  test.each([
    ['says nothing of how', null, 0],
    ['was of another class', 'urn:example:silver', 0],
    ['is too long ago', 'urn:example:gold', 301],
  ])('is not met by a token whose sign-in %s', async (_, acr, secondsAgo) => {
    const { id } = await ask();
    await demanding(async () => {
      api.signedIn(acr, new Date(Date.now() - secondsAgo * 1_000));
      const refused = await call(`/grants/${id}/approve`, sam, { leg: 'security' });
      expect(refused.said).toMatchObject({ status: 403, refusal: 'step_up_needed' });
      const shown = await (await api.get(`/v1/grants/${id}`, sam)).json();
      expect(shown).toMatchObject({ legs: [{}, { role: 'security', decision: null }] });
    });
    await call(`/grants/${id}/withdraw`, olivia);
  });

  test('is met by a fresh one of the right class, which is on record with the approval', async () => {
    const { id } = await ask();
    await demanding(async () => {
      api.signedIn('urn:example:gold', new Date(Date.now() - 60_000));
      expect((await call(`/grants/${id}/approve`, sam, { leg: 'security' })).status).toBe(200);
    });
    expect((await rowsAbout(id)).at(-1)?.details).toMatchObject({ leg: 'security', acr: 'urn:example:gold' });
    await call(`/grants/${id}/withdraw`, olivia);
  });
});

describe('a repeat by the same Idempotency-Key', () => {
  test('asks once, however often and however many at once', async () => {
    const headers = { 'idempotency-key': 'one-request' };
    const all = await Promise.all(Array.from({ length: 8 }, () => call('/grants', olivia, wish(), headers)));
    const made = all.filter(({ status }) => status === 201).map(({ said }) => said.id);
    expect(new Set(made).size).toBe(1);
    expect(made).toHaveLength(8);
    const again = await call('/grants', olivia, { ...wish(), minutes: 5 }, headers);
    expect(again.said).toMatchObject({ status: 409, refusal: 'repeated_with_another_body' });
    await call(`/grants/${made[0]}/withdraw`, olivia);
  });

  test('is one also where the person signed in anew meanwhile', async () => {
    const { id } = await ask();
    const headers = { 'idempotency-key': 'signed-in-anew' };
    const first = await call(`/grants/${id}/approve`, sam, { leg: 'security' }, headers);
    api.signedIn('urn:example:gold', new Date());
    expect(await call(`/grants/${id}/approve`, sam, { leg: 'security' }, headers)).toEqual(first);
    await call(`/grants/${id}/withdraw`, olivia);
  });

  test('approves once, and says what stands', async () => {
    const { id } = await ask();
    const headers = { 'idempotency-key': 'one-approval' };
    const first = await call(`/grants/${id}/approve`, sam, { leg: 'security' }, headers);
    const second = await call(`/grants/${id}/approve`, sam, { leg: 'security' }, headers);
    expect(second).toEqual(first);
    await call(`/grants/${id}/withdraw`, olivia);
  });
});

describe('the list', () => {
  test('has pages that leave nothing out and show nothing twice', async () => {
    const ids: string[] = [];
    for (let times = 0; times < 5; times += 1) {
      const { id } = await ask();
      ids.unshift(id);
      await call(`/grants/${id}/withdraw`, olivia);
    }
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const place: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = JSON.parse(await (await api.get(`/v1/grants?limit=2&state=withdrawn${place}`, olivia)).text());
      seen.push(...page.data.map(({ id }: { id: string }) => id));
      cursor = page.next;
    }
    expect(seen.slice(0, 5)).toEqual(ids);
    expect(new Set(seen).size).toBe(seen.length);
  });

  test.each(['cursor=x', 'limit=0', 'limit=1000', 'state=gone', 'nothing=1', 'kind=other', 'state=open&state=active'])(
    'does not guess what %s means',
    async (query) => {
      expect((await api.get(`/v1/grants?${query}`, olivia)).status).toBe(400);
    },
  );
});

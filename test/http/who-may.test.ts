import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activeGrant } from '../support/builders.ts';
import { type ApiWithPeople, apiWithPeople } from './callers.ts';

/** Who calls: keys of each role, for every tenant and for Acme alone; people with one role each, and with none. */
const keys = ['service', 'auditor', 'admin'] as const;
const people = {
  'the operator': 'U0OLIVIA',
  ops: 'U0PETRA',
  security: 'U0SAM',
  'an auditor': 'U0ADA',
  'an administrator': 'U0ALEX',
  'an owner of Acme': 'U0ANNA',
  'somebody without a role': 'U0NOBODY',
  'somebody not linked': 'stranger',
  'an administrator not linked': 'stranger:group-admin',
} as const;
/** The roles of the API that somebody holds beside being a person. */
const also: Readonly<Record<string, string>> = {
  'an auditor': 'auditor',
  'an administrator': 'admin',
  'an administrator not linked': 'admin',
};

interface Rule {
  /** Who may call it at all. */
  roles: readonly string[];
  /** What is named in the path: a tenant's key, a grant, something of the whole installation, or nothing. */
  about: 'tenant' | 'grant' | 'everything' | 'list' | 'nothing';
  body?: object;
}

const lifecycle = (body?: object): Rule => ({ roles: ['person'], about: 'grant', ...(body && { body }) });
const review = Object.fromEntries(
  [
    ...['cause_documented', 'evidence_produced', 'permissions_reviewed', 'preventive_work_filed'],
    ...['temporary_credentials_removed', 'temporary_network_access_removed', 'secrets_rotated_or_not_exposed'],
  ].map((question) => [question, { answer: 'no', note: 'because' }]),
);
const entity = { type: 'document', id: 'doc-1' };
const question = {
  subject: { type: 'user', id: 'slack:T0HOME:U0OLIVIA' },
  action: { name: 'content.read' },
  resource: entity,
};
const check = { roles: ['service'], about: 'nothing', body: question } as const;

/** The whole API: a route that is not here fails the first test. */
const rules: Readonly<Record<string, Rule>> = {
  whoAmI: { roles: ['service', 'auditor', 'admin', 'person'], about: 'nothing' },
  showConfiguration: { roles: ['admin', 'auditor'], about: 'everything' },
  listTenants: { roles: ['admin', 'auditor'], about: 'list' },
  showTenant: { roles: ['admin', 'auditor'], about: 'tenant' },
  createTenant: { roles: ['admin'], about: 'everything', body: { key: 'new-tenant', name: 'New' } },
  changeTenant: { roles: ['admin'], about: 'tenant', body: { name: 'Renamed' } },
  archiveTenant: { roles: ['admin'], about: 'tenant', body: { reason: 'The contract has ended.' } },
  restoreTenant: { roles: ['admin'], about: 'tenant' },
  listGrants: { roles: ['person', 'auditor', 'admin'], about: 'list' },
  showGrant: { roles: ['person', 'auditor', 'admin'], about: 'grant' },
  requestAccess: {
    ...{ roles: ['person'], about: 'nothing' },
    body: { tenant: 'acme', scope: 'audit_view', reason: 'Looking into the complaint', ticket: 'INC-1', minutes: 5 },
  },
  approveAccess: lifecycle({ leg: 'security' }),
  denyAccess: lifecycle({ leg: 'security', reason: 'This is not an emergency.' }),
  withdrawAccess: lifecycle(),
  endAccess: lifecycle(),
  revokeAccess: lifecycle({ reason: 'This is over by now.' }),
  reviewAccess: lifecycle({ answers: review }),
  excuseReview: lifecycle({ reason: 'Another emergency is on.' }),
  attachEvidence: { roles: ['service'], about: 'grant', body: { kind: 'note', title: 'A', content: 'B' } },
  readAudit: { roles: ['auditor'], about: 'list' },
  makeEvidence: { roles: ['auditor'], about: 'nothing' },
  listKeys: { roles: ['admin', 'auditor'], about: 'everything' },
  createKey: { roles: ['admin'], about: 'everything', body: { name: 'made-here', role: 'auditor', tenants: null } },
  revokeKey: { roles: ['admin'], about: 'everything' },
  listSchedules: { roles: ['admin', 'auditor'], about: 'everything' },
  showSchedule: { roles: ['admin', 'auditor'], about: 'everything' },
  createSchedule: { roles: ['admin'], about: 'everything', body: { name: 'weekly', job: 'digest', cron: '0 9 * * 1' } },
  changeSchedule: { roles: ['admin'], about: 'everything', body: { cron: '0 7 * * *' } },
  deleteSchedule: { roles: ['admin'], about: 'everything' },
  listNotices: { roles: ['admin', 'auditor'], about: 'list' },
  requeueNotices: { roles: ['admin'], about: 'list' },
  requeueNotice: { roles: ['admin'], about: 'nothing' },
  dropNotice: { roles: ['admin'], about: 'nothing', body: { reason: 'Nobody needs it any more.' } },
  retimeNotice: { roles: ['admin'], about: 'nothing', body: { at: '2030-01-01T00:00:00Z' } },
  evaluate: check,
  evaluateAll: check,
  searchSubjects: { ...check, body: { ...question, subject: { type: 'user' } } },
  searchTenants: { ...check, body: { ...question, resource: { type: 'tenant' } } },
  searchActions: check,
  readMetrics: { roles: ['auditor'], about: 'nothing' },
};
/** What anybody may ask, and what tells nobody anything. */
const open = ['describeChecks', 'describeApi', 'isAlive', 'isReady'];

interface Operation {
  id: string;
  method: string;
  path: string;
  roles: string[];
  open: boolean;
}

let api: ApiWithPeople;
let operations: Operation[];
let acmeGrant: string;
let globexGrant: string;
const shown = new Map<string, string>();
beforeAll(async () => {
  api = await apiWithPeople();
  acmeGrant = await activeGrant(api.session, api.world);
  globexGrant = await activeGrant(api.session, api.world, { tenant_id: api.world.globex });
  for (const role of keys) {
    const lists = role === 'service' ? {} : { subjects: [], actions: [] };
    shown.set(role, await api.key({ name: `all-${role}`, role, ...lists }));
    shown.set(`${role} of Acme`, await api.key({ name: `acme-${role}`, role, ...lists, tenants: [api.world.acmeKey] }));
  }
  for (const [who, subject] of Object.entries(people)) shown.set(who, api.as(subject));
  operations = operationsIn(JSON.parse(await (await fetch(`${api.url}/openapi.json`)).text()));
});
afterAll(() => api.stop());

function operationsIn(document: { paths: Record<string, Record<string, Record<string, unknown>>> }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...{ path, method: method.toUpperCase(), id: String(operation.operationId) },
      roles: (operation['x-roles'] ?? []) as string[],
      open: Array.isArray(operation.security) && operation.security.length === 0,
    })),
  );
}

const rolesOf = (who: string): string[] => {
  const [role = ''] = who.split(' of ');
  if (keys.some((each) => each === role)) return [role];
  return ['person', ...(also[who] ? [also[who]] : [])];
};

/** Asks for an operation about one tenant, as somebody. */
async function ask(operation: Operation, credentials: string | null, tenant: 'acme' | 'globex' | 'unknown') {
  const { world } = api;
  const rule = rules[operation.id];
  const key = { acme: world.acmeKey, globex: world.globexKey, unknown: 'no-such-tenant' }[tenant];
  const grant = { acme: acmeGrant, globex: globexGrant, unknown: '00000000-0000-4000-8000-000000000000' }[tenant];
  const path = operation.path
    .replace('{key}', key)
    .replace('/grants/{id}', `/grants/${grant}`)
    .replace('{id}', '999999')
    .replace('{name}', 'digest');
  const body = rule?.body && 'tenant' in rule.body ? { ...rule.body, tenant: key } : rule?.body;
  const answer = await fetch(`${api.url}${path}`, {
    method: operation.method,
    headers: {
      ...(credentials === null ? {} : { authorization: `Bearer ${credentials}` }),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const text = await answer.text();
  return { status: answer.status, text: text.replace(/"request_id":"[^"]+"/, '') };
}

test('every route has a rule here, and says the same of who may call it', () => {
  const told = operations.filter(({ open: anybody }) => !anybody);
  expect(told.map(({ id }) => id).sort()).toEqual(Object.keys(rules).sort());
  for (const { id, roles } of told) expect([...roles].sort(), id).toEqual([...(rules[id]?.roles ?? [])].sort());
  const anybody = operations.filter(({ open: isOpen }) => isOpen).map(({ id }) => id);
  expect(anybody.sort()).toEqual([...open].sort());
});

test('nobody gets anything without credentials, or with wrong ones: one and the same 401', async () => {
  const said = new Map<string, Set<string>>();
  for (const operation of operations.filter(({ open: anybody }) => !anybody)) {
    for (const credentials of [null, `bgk_${'A'.repeat(43)}`, 'a.b.c']) {
      const { status, text } = await ask(operation, credentials, 'acme');
      expect(status, operation.id).toBe(401);
      const door = operation.path.startsWith('/v1') ? '/v1' : 'checks';
      said.set(door, (said.get(door) ?? new Set()).add(text));
    }
  }
  for (const [door, texts] of said) expect([...texts], door).toHaveLength(1);
});

/** As the audit names them. */
function nameOf(who: string): string {
  const [role = '', bound] = who.split(' of ');
  if (keys.some((each) => each === role)) return `key:${bound === undefined ? 'all' : 'acme'}-${role}`;
  const [subject = ''] = people[who as keyof typeof people].split(':');
  return subject === 'stranger' ? 'oidc:https://id.example.com#stranger' : `slack:T0HOME:${subject}`;
}

const callers = [...keys.flatMap((role) => [role, `${role} of Acme`]), ...Object.keys(people)];

describe.each(callers)('%s', (who) => {
  const isBound = who.endsWith(' of Acme') && !(who in people);

  test('is told 403 where the role is another one, and on record', async () => {
    const not = operations.filter(
      ({ id }) => rules[id] && !rules[id].roles.some((role) => rolesOf(who).includes(role)),
    );
    for (const operation of not) {
      const { status } = await ask(operation, shown.get(who) ?? '', 'acme');
      expect(status, operation.id).toBe(403);
    }
    const [row] = await api.db.query<{ tried: number }>(
      'superuser',
      `select count(distinct (details->>'verb', details->>'about'))::int as tried from audit_events
        where actor = $1 and action = 'access.refused' and details->>'refusal' in ('wrong_role', 'not_linked')`,
      [nameOf(who)],
    );
    expect(row?.tried).toBeGreaterThanOrEqual(new Set(not.map(({ id }) => id)).size);
  });

  test('is let in where the role is right, and sees no tenant that is not theirs', async () => {
    const may = operations.filter(({ id }) => rules[id]?.roles.some((role) => rolesOf(who).includes(role)));
    for (const operation of may) {
      const rule = rules[operation.id];
      const credentials = shown.get(who) ?? '';
      const [own, foreign, unknown] = [
        await ask(operation, credentials, 'acme'),
        await ask(operation, credentials, 'globex'),
        await ask(operation, credentials, 'unknown'),
      ];
      for (const each of [own, foreign, unknown]) expect(each.status, operation.id).toBeLessThan(500);
      if (isBound && rule?.about === 'everything') expect(own.status, operation.id).toBe(403);
      if (isBound && (rule?.about === 'tenant' || rule?.about === 'grant')) {
        expect(unknown.status, operation.id).toBe(404);
        expect(foreign, operation.id).toEqual(unknown);
        expect(own.text, operation.id).not.toEqual(unknown.text);
      }
      if (isBound && rule?.about === 'list') {
        for (const word of [api.world.globex, api.world.globexKey]) expect(own.text, operation.id).not.toContain(word);
      }
    }
  });
});

describe('an access', () => {
  test.each([
    ['the operator', 200, 200],
    ['ops', 200, 200],
    ['security', 200, 200],
    ['an auditor', 200, 200],
    ['an administrator', 200, 200],
    ['an administrator not linked', 200, 200],
    ['an owner of Acme', 200, 404],
    ['somebody without a role', 404, 404],
    ['somebody not linked', 403, 403],
    ['admin of Acme', 200, 404],
    ['auditor of Acme', 200, 404],
  ])('is shown to %s as far as they belong there', async (who, own, foreign) => {
    const operation = operations.find(({ id }) => id === 'showGrant');
    if (!operation) throw new Error('There is no such operation.');
    expect((await ask(operation, shown.get(who) ?? '', 'acme')).status).toBe(own);
    const other = await ask(operation, shown.get(who) ?? '', 'globex');
    expect(other.status).toBe(foreign);
    if (foreign === 404) expect(other).toEqual(await ask(operation, shown.get(who) ?? '', 'unknown'));
  });

  test('that somebody does not see is to every verb as if there were none', async () => {
    const verbs = operations.filter(({ id }) => rules[id]?.about === 'grant' && rules[id]?.roles.includes('person'));
    expect(verbs.length).toBeGreaterThan(6);
    for (const verb of verbs) {
      for (const who of ['somebody without a role', 'an owner of Acme']) {
        const foreign = await ask(verb, shown.get(who) ?? '', 'globex');
        expect(foreign.status, verb.id).toBe(404);
        expect(foreign, verb.id).toEqual(await ask(verb, shown.get(who) ?? '', 'unknown'));
      }
    }
  });
});

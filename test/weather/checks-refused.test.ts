import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';
import { refuse, terminate } from './postgres-trouble.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startTestApi();
  key = await api.key();
  await activeGrant(api.session, api.world);
});
afterAll(() => api.stop());

const about = () => aboutDocument(OLIVIA, api.world.acmeKey);
const rows = () => api.db.query('superuser', 'select id from audit_events order by id');

async function alterDatabase(how: string): Promise<void> {
  const [at] = await api.db.query<{ name: string }>('owner', 'select current_database() as name');
  await api.db.query('owner', `alter database ${at?.name} ${how}`);
  await terminate(api.db);
}

async function whenItIsLifted(refusing: string, lift: () => Promise<unknown>): Promise<void> {
  const before = await rows();
  expect(await ask(api.url, key, about()), refusing).toMatchObject({ status: 503, decision: null, retryAfter: '1' });
  const many = await api.post('/access/v1/evaluations', key, { evaluations: [about(), about()] });
  expect([many.status, await many.text()]).toEqual([503, expect.not.stringContaining('true')]);
  expect(await rows()).toEqual(before);
  await lift();
  expect((await ask(api.url, key, about())).decision).toBe(true);
  expect(await rows()).toHaveLength(before.length + 1);
}

test.each([
  ['the disk is full', '53100'],
  ['out of memory', '53200'],
  ['input or output fails', '58030'],
  ['a table is damaged', 'XX001'],
])(
  'while the audit takes no row (%s, %s) nothing is allowed; and all is well as soon as it does',
  async (name, state) => {
    const refusing = await refuse(api.db, 'audit_events', state);
    await whenItIsLifted(name, refusing.lift);
  },
);

test.each([
  ['takes no writes', 'set default_transaction_read_only = on', 'reset default_transaction_read_only'],
  ['takes no connections', 'connection limit 0', 'connection limit -1'],
])('a database that %s allows nothing; and all is well as soon as it does', async (name, begins, ends) => {
  await alterDatabase(begins);
  await whenItIsLifted(name, () => alterDatabase(ends));
});

test.each([
  ['insert (action, actor, tenant_id, grant_id, request_id, details) on audit_events'],
  ['select on api_keys'],
  ['update (version) on grants'],
])('without the privilege to %s nothing is allowed', async (privilege) => {
  await api.db.query('owner', `revoke ${privilege} from breakglass_check`);
  await whenItIsLifted(privilege, () => api.db.query('owner', `grant ${privilege} to breakglass_check`));
});

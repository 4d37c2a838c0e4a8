import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument, ask } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

test('an answer waits for the disk, whatever the role and the database say', async () => {
  const { db } = api;
  const key = await api.key();
  await activeGrant(api.session, api.world);
  const [at] = await db.query<{ name: string }>('superuser', 'select current_database() as name');
  for (const statement of [
    `alter database ${at?.name} set synchronous_commit = off`,
    `alter role breakglass_app in database ${at?.name} set synchronous_commit = off`,
    `alter role breakglass_check in database ${at?.name} set synchronous_commit = off`,
    'create table committed_how (action text, synchronous text)',
    `create function say_how() returns trigger language plpgsql security definer as $$ begin
       insert into public.committed_how values (new.action, current_setting('synchronous_commit')); return new; end $$`,
    'create trigger say_how before insert on audit_events for each row execute function say_how()',
  ])
    await db.query('superuser', statement);
  const others = await db.session('app');
  expect((await others.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }]);

  const about = aboutDocument(OLIVIA, api.world.acmeKey);
  expect((await ask(api.url, key, about)).decision).toBe(true);
  await api.post('/access/v1/search/resource', key, { ...about, resource: { type: 'tenant' } });
  expect(await db.query('superuser', 'select * from committed_how')).toEqual([
    { action: 'access.allowed', synchronous: 'on' },
    { action: 'access.searched', synchronous: 'on' },
  ]);
});

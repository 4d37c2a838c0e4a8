import { afterAll, beforeAll, expect, test } from 'vitest';
import { OLIVIA, startTestApi, type TestApi } from '../support/api.ts';
import { aboutDocument } from '../support/asking.ts';
import { activeGrant } from '../support/builders.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.stop());

const onRecord = () => api.db.query('superuser', 'select id from audit_events order by id');
const countedUses = () => api.db.query('superuser', 'select uses from use_counts');

test('while another configuration is in force nothing is answered, and nothing recorded, until this process has it too', async () => {
  const key = await api.key();
  await activeGrant(api.session, api.world);
  const one = aboutDocument(OLIVIA, api.world.acmeKey);
  const questions = {
    '/access/v1/evaluation': one,
    '/access/v1/evaluations': { evaluations: [one, one] },
    '/access/v1/search/resource': { ...one, resource: { type: 'tenant' } },
    '/access/v1/search/subject': { ...one, subject: { type: 'user' } },
    '/access/v1/search/action': { subject: one.subject, resource: one.resource },
  };
  const statuses = async () => {
    const heard: [number, string | null][] = [];
    for (const [path, body] of Object.entries(questions)) {
      const answer = await api.post(path, key, body);
      heard.push([answer.status, answer.headers.get('retry-after')]);
    }
    return heard;
  };
  const before = await onRecord();
  const [newer] = await api.db.query<{ epoch: number }>(
    'superuser',
    'insert into policy_epochs (hash) select hash from policies returning epoch',
  );
  expect(await statuses()).toEqual(Object.keys(questions).map(() => [503, '1']));
  expect(await onRecord()).toEqual(before);
  expect(await countedUses()).toEqual([]);

  api.inForce.epoch = newer?.epoch ?? 0;
  expect(await statuses()).toEqual(Object.keys(questions).map(() => [200, null]));
  expect(await onRecord()).toHaveLength(before.length + 6);
});

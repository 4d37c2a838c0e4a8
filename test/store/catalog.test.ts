import { expect, test } from 'vitest';
import { testDatabase } from '../support/database.ts';
import { catalogOf } from './catalog.ts';

const changed = `The database's rules are not those of test/store/catalog.snapshot.txt.
If that is on purpose, write them down and read the difference before it is committed:
  npx vitest run test/store/catalog.test.ts -u
This is the difference`;

test('the migrations make exactly the rules that were written down: checks, triggers, policies, privileges', async () => {
  const db = await testDatabase();
  const catalog = await catalogOf(db).finally(() => db.drop());
  await expect(catalog, changed).toMatchFileSnapshot('catalog.snapshot.txt');
});

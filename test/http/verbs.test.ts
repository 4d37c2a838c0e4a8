import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const administered = ['keys', 'notices', 'schedules', 'tenants', 'configuration'];
const behind = [
  ...['administer-keys', 'administer-outbox', 'administer-schedules', 'administer-tenants'],
  ...['archive-tenant', 'show-configuration'],
];
const verbsIn = async (paths: readonly string[]): Promise<string[]> => {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return texts.flatMap((text) => [...text.matchAll(/\bverb: '([^']+)'/g)].map(([, verb = '']) => verb)).sort();
};

test('a try that is refused at the door has the same words on record as one that a rule refuses', async () => {
  const atTheDoor = await verbsIn(administered.map((name) => `src/http/v1/${name}.ts`));
  const inUseCases = await verbsIn(behind.map((name) => `src/usecases/${name}.ts`));
  expect(atTheDoor.length).toBeGreaterThan(15);
  expect(atTheDoor).toEqual(inUseCases);
});

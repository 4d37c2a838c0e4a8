import { describe, expect, test } from 'vitest';
import { tellUnusual, type VolumeWatch, volumeWatch } from '../../src/usecases/tell-unusual.ts';
import { configured } from '../journeys/configurations.ts';
import { countUses } from '../support/uses.ts';
import { active, type Office, office, work } from './office.ts';

/** Content access is used ten times at most, as a rule. */
const tenUsual = configured({
  'schedules:': 'scopes: { content_access: { usual_uses: 10 } }\nschedules:',
});
const tell = async ({ context }: Office, grant: string) => (await tellUnusual(context, grant, work().requestId)).told;

/** What security was told, and what is on record of it. */
const said = async ({ db }: Office, grant: string) => ({
  told: await db.query(
    'superuser',
    `select destination, payload from outbox where kind = 'unusual_use' and grant_id = $1 order by id`,
    [grant],
  ),
  recorded: await db.query(
    'superuser',
    `select actor, details from audit_events where action = 'access.unusual' and grant_id = $1 and tenant_id is not null`,
    [grant],
  ),
});
const nothing = { told: [], recorded: [] };

test('more uses than are usual, tries and all actions counted, are told to security and put on record', async () => {
  const at = await office(tenUsual);
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 6, 1], ['content.write', 3, 1]);
  expect(await tell(at, grant)).toBe(true);
  const notice = { kind: 'unusual_use', grant, uses: 11, usual: 10 };
  expect(await said(at, grant)).toEqual({
    told: [{ destination: 'C0SECURITY', payload: notice }],
    recorded: [{ actor: 'system:checks', details: { uses: 11, usual: 10 } }],
  });
});

test('they are told once, however often it is looked at', async () => {
  const at = await office(tenUsual);
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 11, 0]);
  expect(await tell(at, grant)).toBe(true);
  await countUses(at.db, grant, ['content.write', 500, 0]);
  expect(await tell(at, grant)).toBe(false);
  const { told, recorded } = await said(at, grant);
  expect([told.length, recorded.length]).toEqual([1, 1]);
});

test('they are told once when several processes look at the same moment', async () => {
  const at = await office(tenUsual);
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 11, 0]);
  const processes = [at.context, at.anotherProcess(), at.anotherProcess()];
  const looks = processes.flatMap((context) => [1, 2].map(() => tellUnusual(context, grant, work().requestId)));
  expect((await Promise.all(looks)).filter(({ told }) => told)).toHaveLength(1);
  const { told, recorded } = await said(at, grant);
  expect([told.length, recorded.length]).toEqual([1, 1]);
});

test.each<[string, ...Parameters<typeof countUses>[2][]]>([
  ['none'],
  ['fewer than usual', ['content.read', 9, 0]],
  ['as many as usual', ['content.read', 4, 3], ['content.write', 0, 3]],
])('nobody is told of %s', async (_, ...counts) => {
  const at = await office(tenUsual);
  const grant = await active(at);
  await countUses(at.db, grant, ...counts);
  expect(await tell(at, grant)).toBe(false);
  expect(await said(at, grant)).toEqual(nothing);
});

test('what is usual is what the configuration in force says', async () => {
  const at = await office(); // content access: 1000
  const grant = await active(at);
  await countUses(at.db, grant, ['content.read', 11, 0]);
  expect(await tell(at, grant)).toBe(false);
  await at.adopt(tenUsual);
  expect(await tell(at, grant)).toBe(true);
});

test('each grant counts for itself: another one that is used often is another matter', async () => {
  const at = await office(tenUsual);
  const busy = await active(at);
  await countUses(at.db, busy, ['content.read', 11, 0]);
  expect(await tell(at, busy)).toBe(true);
  expect(await tell(at, '00000000-0000-0000-0000-00000000dead')).toBe(false);
  expect((await said(at, busy)).told).toHaveLength(1);
});

describe('while a grant is used', () => {
  let acts = 0;
  /** Uses it as often as is said, one after the other, as the check does: counted, then watched. */
  async function use({ db }: Office, grant: string, watches: readonly VolumeWatch[], times: number): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      acts += 1;
      await countUses(db, grant, [`act.${acts}`, 1, 0]);
      watches[i % watches.length]?.used([grant]);
      await Promise.all(watches.map((watch) => watch.idle()));
    }
  }
  const noErrors = (error: unknown) => {
    throw error;
  };

  test('security is told with the first use beyond what is usual, and not before', async () => {
    const at = await office(tenUsual);
    const grant = await active(at);
    const watch = volumeWatch(at.context, noErrors);
    await use(at, grant, [watch], 10);
    expect(await said(at, grant)).toEqual(nothing);
    await use(at, grant, [watch], 1);
    expect((await said(at, grant)).told).toHaveLength(1);
  });

  test('processes that each see a part of the uses don`t miss the moment', async () => {
    const at = await office(tenUsual);
    const grant = await active(at);
    const watches = [volumeWatch(at.context, noErrors), volumeWatch(at.anotherProcess(), noErrors)];
    await use(at, grant, watches, 12);
    expect((await said(at, grant)).told).toHaveLength(1);
  });

  test('uses that come while it is being looked at are looked at too', async () => {
    const at = await office(tenUsual);
    const grant = await active(at);
    const watch = volumeWatch(at.context, noErrors);
    await use(at, grant, [watch], 9);
    await countUses(at.db, grant, ['before the look', 1, 0]);
    watch.used([grant]);
    watch.used([grant]);
    await countUses(at.db, grant, ['during it', 1, 0]);
    await watch.idle();
    expect((await said(at, grant)).told).toHaveLength(1);
  });

  test('a look that fails is told of, and made again with the next use', async () => {
    const at = await office(tenUsual);
    const grant = await active(at);
    const errors: unknown[] = [];
    let broken = true;
    const inForce: Office['context']['inForce'] = () => {
      if (broken) throw new Error('not now');
      return at.context.inForce();
    };
    const watch = volumeWatch({ ...at.context, inForce }, (error) => void errors.push(error));
    await use(at, grant, [watch], 11);
    expect(errors.length).toBeGreaterThan(1);
    broken = false;
    watch.used([grant]);
    await watch.idle();
    expect((await said(at, grant)).told).toHaveLength(1);
  });
});

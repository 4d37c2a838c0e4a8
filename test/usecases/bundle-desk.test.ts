import { afterAll, beforeAll, expect, test } from 'vitest';
import { openReading } from '../../src/store/reading.ts';
import { bundleDesk, type DeskOutcome, type ReadyBundle } from '../../src/usecases/bundle-desk.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { aSealing, aSigner, seal, writeRows } from '../support/sealing.ts';

const signer = aSigner();
const sealing = { signer, trusted: [signer.verifier] };
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await writeRows(api.db, 2, api.world.acme);
  await seal(aSealing(api.context.db, sealing));
});
afterAll(() => api.stop());

const aDesk = () => bundleDesk({ db: api.context.db, sealing, openReading: () => openReading(api.db.url('app')) });
const all = { from: new Date('2020-01-01'), to: new Date('2100-01-01'), tenant: null };
const wishOf = (actor: string) => ({ wish: all, actor, sight: null, key: null });

function ready(outcome: DeskOutcome): ReadyBundle {
  if (outcome.kind !== 'ready') throw new Error(`There is no bundle: ${outcome.kind}`);
  return outcome;
}

test('whoever asks for another just when the last one is let go gets it', async () => {
  const desk = aDesk();
  const first = ready(await desk.make(wishOf('ada'), 'first'));
  const next = desk.make(wishOf('ada'), 'next');
  await first.letGo();
  await ready(await next).letGo();
});

test('nobody has two made at once, and a third waits for nobody', async () => {
  const desk = aDesk();
  const both = await Promise.all([desk.make(wishOf('ada'), 'one'), desk.make(wishOf('ada'), 'two')]);
  expect(both.map(({ kind }) => kind).sort()).toEqual(['busy', 'ready']);
  const other = ready(await desk.make(wishOf('sam'), 'other'));
  expect(await desk.make(wishOf('gwen'), 'third')).toEqual({ kind: 'busy' });
  await other.letGo();
  for (const outcome of both) if (outcome.kind === 'ready') await outcome.letGo();
  await ready(await desk.make(wishOf('gwen'), 'again')).letGo();
});

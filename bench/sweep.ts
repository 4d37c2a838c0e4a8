import { dueGrants, untilNextDue } from '../src/store/due.ts';
import { closeDue } from '../src/usecases/close-due.ts';
import {
  aDatabase,
  atMost,
  type Bench,
  type Figure,
  inTurn,
  isSo,
  type Measured,
  type Measurement,
  told,
  versionOf,
} from './harness.ts';
import { aCrowd, addOpenGrants, type Crowd, fillHistory } from './history.ts';
import { anOffice, configurationOf, names, type Office } from './office.ts';
import { explain, statementsOf } from './statements.ts';

const HISTORY = 1_000_000;
const DUE = 100;
const ROUNDS = 9;

/** The cost of the clock's sweep grows with what is due, not with what ever was. */
export const sweep: Measurement = {
  name: 'sweep',
  how: `The clock closes ${DUE} grants that ran out, in a database with ${HISTORY.toLocaleString('en-US')} closed grants (with their legs, reviews, notices and audit rows) and in one without, in turn, ${ROUNDS} times. Nothing is flushed to disk on either side, which would hide a difference.`,
  measure: async (bench): Promise<Measured> => {
    const { server } = await aDatabase(bench, {
      durable: false,
      settings: { autovacuum: 'off', max_wal_size: '8GB', checkpoint_timeout: '1h' },
    });
    const yaml = configurationOf(20, 50);
    const young = await inhabited(await anOffice(bench, server, 'young', yaml));
    const old = await inhabited(await anOffice(bench, server, 'old', yaml));
    await fillHistory(old.admin, old.crowd, HISTORY, bench.say);
    await young.admin.query('vacuum analyze');
    await old.admin.query('checkpoint');
    const timed = await inTurn(
      ROUNDS,
      () => sweepOnce(old),
      () => sweepOnce(young),
    );
    const figures: Figure[] = [
      atMost('cost with a history against without', timed.ratio, 1.2, ' x'),
      told('with a history', timed.ours, ' ms'),
      told('without', timed.theirs, ' ms'),
      told('each round', timed.rounds),
      ...(await plans(bench, old, young)),
    ];
    return { figures, postgres: await versionOf(old.admin) };
  },
};

type Inhabited = Office & { crowd: Crowd };

const inhabited = async (office: Office): Promise<Inhabited> => ({
  ...office,
  crowd: await aCrowd(office.admin, names('U0OPERATOR', 50), ['U0ANNA', 'U0SAM']),
});

/** Adds grants that have just run out. */
async function letRunOut({ admin, crowd }: Inhabited): Promise<void> {
  const { tenants, operators } = crowd;
  const ago = (ms: number) => new Date(Date.now() - ms);
  await addOpenGrants(
    admin,
    crowd,
    Array.from({ length: DUE }, (_, i) => {
      const tenant = tenants[i % tenants.length];
      const places = [tenant?.channel ?? '', 'C0SECURITY', 'U0SOMEBODY'].map((destination, at) => ({
        ...{ destination, channel: destination, ts: '1.000001' },
        audience: at < 2 ? ('approvers' as const) : ('requester' as const),
      }));
      const operator = operators[Math.floor(i / tenants.length)] ?? '';
      return { state: 'active', tenant: tenant?.id ?? '', operator, until: ago(DUE - i), places };
    }),
  );
}

/** @returns milliseconds */
async function sweepOnce(at: Inhabited): Promise<number> {
  await letRunOut(at);
  const began = performance.now();
  const closed = await closeDue(at.context, 'bench');
  const took = performance.now() - began;
  if (closed !== DUE) throw new Error(`${closed} grants were closed instead of ${DUE}.`);
  return took;
}

/** By plan: the statements that the sweep sends, each as the server carries it out on both sides. */
async function plans(bench: Bench, old: Inhabited, young: Inhabited): Promise<Figure[]> {
  const looks = {
    'what is due': (at: Inhabited) => at.context.db.acrossTenants('bench', (tx) => dueGrants(tx, 200)),
    'when something is due next': (at: Inhabited) => at.context.db.acrossTenants('bench', untilNextDue),
  };
  for (const at of [old, young]) {
    await letRunOut(at);
    await at.admin.query('vacuum grants');
  }
  const figures: Figure[] = [];
  for (const [what, look] of Object.entries(looks)) {
    const statement = (await statementsOf(() => look(old))).find(({ text }) => text.includes('from grants'));
    if (!statement) throw new Error(`Nothing was asked of the grants for ${what}.`);
    const [withHistory, without] = [await explain(old.admin, statement), await explain(young.admin, statement)];
    const partial = ['due_to_expire', 'due_to_lapse'];
    const used = partial.filter((index) => withHistory.indexes.includes(index));
    figures.push(
      isSo(`${what}: indexes`, used.join(', ') || 'none of them', partial.join(', '), used.length === partial.length),
      atMost(`${what}: pages with a history (${without.buffers} without), ${DUE} due`, withHistory.buffers, DUE + 20),
    );
    bench.say(`${what}: ${JSON.stringify({ withHistory, without })}`);
  }
  return figures;
}

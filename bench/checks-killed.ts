import { openDatabase } from '../src/store/database.ts';
import { createKey } from '../src/usecases/api-keys.ts';
import { aboutDocument } from '../test/support/asking.ts';
import { activeGrant, aPerson, aWorld } from '../test/support/builders.ts';
import { startCheckProcess } from '../test/support/check-process.ts';
import { missingOf, ordeal } from '../test/support/ordeal.ts';
import { type PrivateServer, privateServer } from '../test/weather/postgres-server.ts';
import { atLeast, atMost, type Bench, type Measured, type Measurement, told, versionOf } from './harness.ts';
import { names } from './office.ts';

const ANSWERS = 100_000;
/** Of each kind. */
const CRASHES = 8;
const CONNECTIONS = 32;
const OPERATORS = names('U0OPERATOR', 20);

/** Whatever dies: what was allowed is on record. */
export const killed: Measurement = {
  name: 'killed',
  how: `${ANSWERS.toLocaleString('en-US')} times \`true\`, asked for by ${CONNECTIONS} connections, while the process that answers is killed ${CRASHES} times, PostgreSQL stopped at once ${CRASHES} times, and killed as often. The server and the role say that a commit need not wait for the disk; each answer that was heard has its row afterwards all the same.`,
  measure: async (bench): Promise<Measured> => {
    const server = await aServerThatForgets(bench);
    const { key, epoch, questions } = await somePeople(server);
    await server.query('superuser', 'checkpoint'); // what was prepared is not what may get lost
    const start = () => startCheckProcess(server.url('app'), epoch);
    let bot = await start();
    bench.onEnd(() => bot.stop());
    const killBot = async () => {
      await bot.kill();
      bot = await start();
    };
    const kinds = [killBot, () => server.crash('SIGQUIT'), () => server.crash('SIGKILL')];
    const crashes = Array.from({ length: CRASHES }, () => kinds).flat();
    const between = Math.ceil(ANSWERS / (crashes.length + 1));
    const { allowed, lost } = await ordeal({
      ...{ api: () => bot.url, key, questions, atOnce: CONNECTIONS, between },
      crashes: crashes.map((crash, i) => () => {
        bench.say(`crash ${i + 1} of ${crashes.length}`);
        return crash();
      }),
    });
    const missing = await server.query('superuser', missingOf, [allowed]);
    return {
      figures: [
        atMost('heard to be allowed and not on record', missing.length, 0),
        atLeast('heard to be allowed', new Set(allowed).size, ANSWERS),
        atLeast('questions that a crash left without an answer', lost, 1),
        told('crashes', crashes.length),
      ],
      postgres: await versionOf(await server.session('superuser')),
    };
  },
};

/** Whoever does not say that an answer waits for the disk loses those of the last seconds here. */
async function aServerThatForgets(bench: Bench): Promise<PrivateServer> {
  const settings = { synchronous_commit: 'off', wal_writer_delay: '10s' };
  const server = await privateServer({ durable: true, settings });
  bench.onEnd(server.drop);
  await server.query('superuser', 'alter role breakglass_app set synchronous_commit = off');
  return server;
}

/** People with access, a key, and the questions about them. */
async function somePeople(server: PrivateServer) {
  const session = await server.session('app');
  const world = await aWorld(session);
  for (const user of OPERATORS) await activeGrant(session, { ...world, operator: await aPerson(session, user) });
  const [tenant] = await server.query<{ key: string }>('superuser', 'select key from tenants where id = $1', [
    world.acme,
  ]);
  const [policy] = await server.query<{ epoch: number }>(
    'superuser',
    'insert into policy_epochs (hash) values ($1) returning epoch',
    [world.policy],
  );
  const db = openDatabase({ url: server.url('app'), connections: 1 });
  const every = { tenants: null, subjects: null, actions: null, defaultTenant: null };
  const wish = { name: 'killed', role: 'service' as const, ...every, days: 1, perSecond: 1_000_000 };
  const made = await createKey(db, wish, 'system:bench', 'bench').finally(() => db.close());
  if (made.kind !== 'made') throw new Error(`No key: ${made.kind}.`);
  const questions = OPERATORS.map((user, i) => aboutDocument(`slack:T0HOME:${user}`, tenant?.key ?? '', `doc-${i}`));
  return { key: made.key, epoch: policy?.epoch ?? 0, questions };
}

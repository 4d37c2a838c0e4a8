import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import autocannon from 'autocannon';
import { createKey } from '../src/usecases/api-keys.ts';
import {
  aDatabase,
  atLeast,
  atMost,
  type Bench,
  inTurn,
  type Measured,
  type Measurement,
  median,
  told,
  versionOf,
} from './harness.ts';
import { aCrowd, addOpenGrants, type Crowd, fillHistory } from './history.ts';
import { anOffice, configurationOf, names, type Office } from './office.ts';

const HISTORY = 1_000_000;
const CONNECTIONS = 64;
const SECONDS = 5;
const ROUNDS = 3;
const BATCH = 100;
const HOUR_MS = 60 * 60_000;

/** What a live, recorded answer costs. */
export const checks: Measurement = {
  name: 'check',
  how: `The check API in a process of its own, asked by ${CONNECTIONS} connections for ${SECONDS} s at a time, in turn, ${ROUNDS} times; each answer's row is flushed to disk, row-level security is on, and there are ${HISTORY.toLocaleString('en-US')} closed grants and five times as many audit rows. Against the same server answering a constant behind the same authentication and parsing, and against a statement for each request. The load comes from the same machine.`,
  whyMissed:
    "Why it falls short: the machine is full. By the processes' own accounts of their time, a check costs about 60 µs of Node (a constant 40), 62 µs of PostgreSQL and 30 µs of the load, on two cores; that is 13,000 a second with no gap anywhere, and the constant is limited by Node alone. In a batch it is 42 µs of PostgreSQL, of which the audit row takes 20 (its text and its values, three indexes, 1.4 kB of log to write and flush), 20 µs of Node and 16 µs of the load: 25,000 decisions a second. Four times the single endpoint would leave 18 µs a decision. What was gained on the way from 7 times slower: plans made once, each table entered by one index, the record put together as text, one row for all answers, counts in shards, few large statements rather than many small ones.",
  measure: async (bench): Promise<Measured> => {
    const { server } = await aDatabase(bench, { settings: { max_wal_size: '8GB', checkpoint_timeout: '1h' } });
    const office = await anOffice(bench, server, 'checks', configurationOf(20, 50));
    const crowd = await aCrowd(office.admin, names('U0OPERATOR', 50), ['U0ANNA', 'U0SAM']);
    await fillHistory(office.admin, crowd, HISTORY, bench.say);
    const bodies = await questions(office, crowd);
    const key = await aKey(office);
    const base = await aServer(bench, server.url('checks', 'breakglass_app'), office.context.inForce().epoch);
    const latencies: number[] = [];
    const ask = (route: string, asked: readonly string[] = bodies) => load(`${base}${route}`, key, asked);
    const single = async () => {
      const { perSecond, p99 } = await ask('/access/v1/evaluation');
      latencies.push(p99);
      return perSecond;
    };
    const constant = await inTurn(ROUNDS, single, async () => (await ask('/bench/constant')).perSecond);
    const alone = await inTurn(ROUNDS, single, async () => (await ask('/bench/alone')).perSecond);
    const batches = inBatches(bodies);
    const batch = await inTurn(
      ROUNDS,
      async () => (await ask('/access/v1/evaluations', batches)).perSecond * BATCH,
      single,
    );
    return {
      figures: [
        atLeast('check against a constant', constant.ratio, 0.5, ' x'),
        atLeast('check against a statement per request', alone.ratio, 3, ' x'),
        atLeast(`decisions in batches of ${BATCH} against single ones`, batch.ratio, 4, ' x'),
        atMost(`p99 at ${CONNECTIONS} connections`, median(latencies), 25, ' ms'),
        told('checks', constant.ours, ' /s'),
        told('constant', constant.theirs, ' /s'),
        told('a statement per request', alone.theirs, ' /s'),
        told('decisions in batches', batch.ours, ' /s'),
        told('each round, constant', constant.rounds),
        told('each round, a statement per request', alone.rounds),
        told('each round, batches', batch.rounds),
      ],
      postgres: await versionOf(office.admin),
    };
  },
};

/** Questions about people with a live grant, and one in ten about somebody without. */
async function questions({ admin }: Office, crowd: Crowd): Promise<string[]> {
  const asked = crowd.tenants.flatMap((tenant, t) =>
    Array.from({ length: 10 }, (_, i) => ({ tenant, operator: (t * 10 + i) % 50, live: i > 0 })),
  );
  const open = asked.filter(({ live }) => live);
  await addOpenGrants(
    admin,
    crowd,
    open.map(({ tenant, operator }) => ({
      ...{ state: 'active', tenant: tenant.id, operator: crowd.operators[operator] ?? '', places: [] },
      until: new Date(Date.now() + HOUR_MS),
    })),
  );
  await admin.query('vacuum analyze grants');
  return asked.map(({ tenant, operator }, i) =>
    JSON.stringify({
      subject: { type: 'user', id: `slack:T0HOME:U0OPERATOR${operator + 1}` },
      action: { name: 'content.read' },
      resource: { type: 'document', id: `doc-${i}`, properties: { tenant: tenant.key } },
      context: { request_id: `work-${i}` },
    }),
  );
}

const inBatches = (bodies: readonly string[]): string[] =>
  Array.from({ length: bodies.length }, (_, from) => {
    const evaluations = Array.from({ length: BATCH }, (_unused, i) =>
      JSON.parse(bodies[(from + i) % bodies.length] ?? '{}'),
    );
    return JSON.stringify({ evaluations });
  });

async function aKey({ context: { db } }: Office): Promise<string> {
  const every = { tenants: null, subjects: null, actions: null, defaultTenant: null };
  const made = await createKey(
    db,
    { name: 'bench', role: 'service', ...every, days: 1, perSecond: 1_000_000 },
    'system:bench',
    'bench',
  );
  if (made.kind !== 'made') throw new Error(`No key: ${made.kind}.`);
  return made.key;
}

/** @returns its address */
async function aServer(bench: Bench, databaseUrl: string, epoch: number): Promise<string> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', new URL('check-server.ts', import.meta.url).pathname, databaseUrl, String(epoch)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  bench.onEnd(async () => {
    child.stdin.end();
    await gone;
  });
  const [port] = await once(createInterface(child.stdout), 'line');
  return `http://127.0.0.1:${port}`;
}

async function load(url: string, key: string, bodies: readonly string[]) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const result = await autocannon({
    ...{ url, connections: CONNECTIONS, duration: SECONDS },
    requests: bodies.map((body) => ({ method: 'POST', headers, body })),
  });
  const failed = result.non2xx + result.errors + result.timeouts;
  if (failed > 0) throw new Error(`${failed} requests to ${url} failed.`);
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}

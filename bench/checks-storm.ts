import { sandboxClock } from '../sandbox/clock.ts';
import { createKey } from '../src/usecases/api-keys.ts';
import { aboutDocument, ask } from '../test/support/asking.ts';
import { startCheckProcess } from '../test/support/check-process.ts';
import { allowedAfterTheEnd, type Ending, endings, type Held, revokeKey } from '../test/support/endings.ts';
import { storm as stormOf, type Verdict, type Weathered } from '../test/support/storm.ts';
import {
  aDatabase,
  atLeast,
  atMost,
  type Bench,
  type Figure,
  type Measured,
  type Measurement,
  told,
  versionOf,
} from './harness.ts';
import { aCrowd, addOpenGrants, type Crowd } from './history.ts';
import { anOffice, configurationOf, names, type Office } from './office.ts';

const QUESTIONS = 100_000;
/** Four ways in which access ends, and the end of keys. */
const PARTS = 5;
const THINGS = 100;
const CONNECTIONS = 32;
/** All ends of one way lie within the hour that an access lasts. */
const APART_MS = 30_000;
const TENANTS = 20;
const OPERATORS = names('U0OPERATOR', 50);

/** Nothing is allowed after its end. */
export const storm: Measurement = {
  name: 'storm',
  how: `${QUESTIONS.toLocaleString('en-US')} checks from ${CONNECTIONS} connections to two processes, while the ${THINGS} accesses that they are about end, one after the other, in each of four ways (revoked, given back, run out, swept), and then the ${THINGS} keys that they are asked with. An answer counts as late where its question was sent after the end was acknowledged, and, on record, where its row is not before the end.`,
  measure: async (bench): Promise<Measured> => {
    const at = await prepared(bench);
    const figures: Figure[] = [];
    for (const [way, end] of Object.entries(at.ways)) {
      bench.say(`access that ${way}`);
      figures.push(...figuresOf(`access that ${way}`, await weather(at, end)));
    }
    bench.say('keys that are revoked');
    figures.push(...figuresOf('a key that is revoked', await keyWeather(at)));
    const { rows } = await at.office.admin.query(allowedAfterTheEnd);
    figures.push(atMost('allowed on record at or after the end of the access', rows.length, 0));
    return { figures, postgres: await versionOf(at.office.admin) };
  },
};

interface Prepared {
  office: Office;
  crowd: Crowd;
  ways: Record<string, Ending>;
  now: () => Promise<Date>;
  /** Where a question goes: to the processes in turn. */
  apiFor: (question: number) => string;
  /** How many accesses there were so far. */
  used: number;
}

async function prepared(bench: Bench): Promise<Prepared> {
  const { server } = await aDatabase(bench);
  const office = await anOffice(bench, server, 'storm', configurationOf(TENANTS, OPERATORS.length));
  const crowd = await aCrowd(office.admin, OPERATORS, ['U0ANNA', 'U0SAM']);
  const clock = sandboxClock(server.url('storm', 'breakglass_owner'));
  const apis = await Promise.all([1, 2].map(() => anApi(bench, server.url('storm', 'breakglass_app'), office)));
  const ways = endings({ context: office.context, security: crowd.approvers[1], clock, apartMs: APART_MS });
  return { office, crowd, ways, now: clock.now, apiFor: (question) => apis[question % apis.length] ?? '', used: 0 };
}

async function anApi(bench: Bench, databaseUrl: string, { context }: Office): Promise<string> {
  const started = await startCheckProcess(databaseUrl, context.inForce().epoch);
  bench.onEnd(started.stop);
  return started.url;
}

/** Accesses whose ends are as far apart as the clock is moved each time. */
async function accesses(at: Prepared, count: number): Promise<Held[]> {
  const now = await at.now();
  const whose = Array.from({ length: count }, (_, i) => {
    const nth = at.used + i;
    const operator = Math.floor(nth / TENANTS);
    const { id = '', key = '' } = at.crowd.tenants[nth % TENANTS] ?? {};
    return { tenant: { id, key }, person: at.crowd.operators[operator] ?? '', subject: subjectOf(operator) };
  });
  at.used += count;
  const grants = await addOpenGrants(
    at.office.admin,
    at.crowd,
    whose.map(({ tenant, person }, i) => ({
      ...{ state: 'active', tenant: tenant.id, operator: person, places: [] },
      until: new Date(now.getTime() + (i + 1) * APART_MS),
    })),
  );
  return whose.map((each, i) => ({ ...each, grant: grants[i] ?? '' }));
}

const subjectOf = (operator: number): string => `slack:T0HOME:${OPERATORS[operator]}`;

async function weather(at: Prepared, end: Ending): Promise<Weathered> {
  const key = await aKey(at, `for-storm-${at.used}`);
  return stormOf<Held>({
    ...{ about: await accesses(at, THINGS), questions: QUESTIONS / PARTS, atOnce: CONNECTIONS, end },
    ask: async ({ subject, tenant }, question): Promise<Verdict> => {
      const { decision } = await ask(at.apiFor(question), key, aboutDocument(subject, tenant.key));
      if (decision === null) return 'no answer';
      return decision ? 'yes' : 'no';
    },
  });
}

async function keyWeather(at: Prepared): Promise<Weathered> {
  const keys = new Map<string, string>();
  for (const name of names('storm-', THINGS)) keys.set(name, await aKey(at, name));
  const [held] = await accesses(at, 1);
  const about = aboutDocument(held?.subject ?? '', held?.tenant.key ?? '');
  return stormOf<string>({
    ...{ about: [...keys.keys()], questions: QUESTIONS / PARTS, atOnce: CONNECTIONS },
    end: (name) => revokeKey(at.office.context, name),
    ask: async (name, question) => {
      const { status } = await ask(at.apiFor(question), keys.get(name) ?? '', about);
      return status === 401 || status === 429 ? 'no' : 'yes';
    },
  });
}

async function aKey({ office: { context } }: Prepared, name: string): Promise<string> {
  const every = { tenants: null, subjects: null, actions: null, defaultTenant: null };
  const wish = { name, role: 'service' as const, ...every, days: 30, perSecond: 1_000_000 };
  const made = await createKey(context.db, wish, 'system:bench', 'bench');
  if (made.kind !== 'made') throw new Error(`No key: ${made.kind}.`);
  return made.key;
}

const figuresOf = (what: string, { before, after }: Weathered): Figure[] => [
  atMost(`${what}: allowed after the end was acknowledged`, after.yes, 0),
  atLeast(`${what}: refused after it`, after.no, THINGS),
  told(`${what}: allowed before`, before.yes),
  told(`${what}: without an answer`, before['no answer'] + after['no answer']),
];

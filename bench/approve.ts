import pg from 'pg';
import { personOf } from '../src/store/people.ts';
import { approve as approveLeg } from '../src/usecases/approve.ts';
import { aBot } from './bot.ts';
import {
  aDatabase,
  aSession,
  atLeast,
  type Bench,
  inTurn,
  type Measured,
  type Measurement,
  perSecond,
  told,
  versionOf,
} from './harness.ts';
import { aCrowd, addOpenGrants, type Crowd } from './history.ts';
import { aTrigger, clickBody, sender } from './load.ts';
import { anOffice, configurationOf, names, type Office } from './office.ts';
import { type Statement, statementsOf } from './statements.ts';
import { startStubSlack } from './stub-slack.ts';

const APPROVER = 'U0SAM';
const CLICKS = 320;
const AT_ONCE = 8;
const ROUNDS = 5;
const HOUR_MS = 60 * 60_000;

/** What we add to what the database has to do for an approval. */
export const approve: Measurement = {
  name: 'approve',
  how: `Security's approval, the last one, until it is committed (flushed to disk): the signed click to a bot in a process of its own, and the use case alone, each against the very statements that they send, sent by bare \`pg\`; ${CLICKS} clicks, ${AT_ONCE} at once, in turn, ${ROUNDS} times. Notices are left to another replica meanwhile.`,
  whyMissed:
    "Why it falls short: Prisma's own work, about 0.15 to 0.3 ms of CPU for each of the 18 statements of an approval. Prepared statements and leaving out the client's extension made no difference; what would is sending these statements past Prisma, which is not worth a second way to the data for something people do by hand.",
  measure: async (bench): Promise<Measured> => {
    const { server } = await aDatabase(bench);
    const yaml = configurationOf(20, 600);
    const office = await anOffice(bench, server, 'approvals', yaml);
    const crowd = await aCrowd(office.admin, names('U0OPERATOR', 600), ['U0ANNA', APPROVER]);
    const at = { ...office, crowd, next: 0 };
    const replay = await replayer(bench, at, server.url('approvals', 'breakglass_app'));
    const useCase = await inTurn(ROUNDS, () => byUseCase(at), replay);
    const click = await clicker(bench, at, { databaseUrl: server.url('approvals', 'breakglass_app'), yaml });
    const clicks = await inTurn(ROUNDS, click, replay);
    return {
      figures: [
        atLeast('click, committed, against bare pg', clicks.ratio, 0.5, ' x'),
        atLeast('use case, committed, against bare pg', useCase.ratio, 0.5, ' x'),
        told('clicks', clicks.ours, ' /s'),
        told('use cases', useCase.ours, ' /s'),
        told('bare pg', median2(clicks.theirs, useCase.theirs), ' /s'),
        told('each round, clicks', clicks.rounds),
        told('each round, use cases', useCase.rounds),
      ],
      postgres: await versionOf(office.admin),
    };
  },
};

const median2 = (one: number, other: number): number => (one + other) / 2;

interface Approvals extends Office {
  crowd: Crowd;
  /** How many requests there were so far. */
  next: number;
}

interface Waiting {
  grant: string;
  tenant: string;
  operator: string;
  trigger: string;
}

/** Requests that wait for security only. */
async function waiting(at: Approvals, count: number): Promise<Waiting[]> {
  const { tenants } = at.crowd;
  const numbers = Array.from({ length: count }, (_, i) => at.next + i);
  at.next += count;
  const asked = numbers.map((n) => ({
    tenant: tenants[n % tenants.length] ?? { id: '', channel: '' },
    operator: Math.floor(n / tenants.length),
  }));
  const grants = await addOpenGrants(
    at.admin,
    at.crowd,
    asked.map(({ tenant, operator }) => ({
      ...{ state: 'requested', tenant: tenant.id, operator: at.crowd.operators[operator] ?? '' },
      until: new Date(Date.now() + HOUR_MS / 2),
      places: [tenant.channel, 'C0SECURITY', `U0OPERATOR${operator + 1}`].map((destination, i) => ({
        ...{ destination, channel: destination, ts: '1.000001', audience: i < 2 ? 'approvers' : 'requester' },
      })),
    })),
  );
  // Another replica delivers: ours has only to click.
  await at.admin.query("update lanes set leased_until = clock_timestamp() + interval '1 day'");
  return asked.map(({ tenant, operator }, i) => ({
    ...{ grant: grants[i] ?? '', tenant: tenant.id, operator: `U0OPERATOR${operator + 1}`, trigger: aTrigger() },
  }));
}

async function approveOne({ context }: Office, { grant, trigger }: Waiting): Promise<void> {
  const account = `T0HOME:${APPROVER}`;
  const person = await context.db.acrossTenants('who is acting', (tx) => personOf(tx, account));
  const actor = { person, name: `slack:${account}`, standing: 'member', roles: { security: 'named' } } as const;
  const work = { requestId: grant, deliveryKey: trigger };
  const outcome = await approveLeg(context, { actor, grant, leg: 'security', minutes: null, comment: null }, work);
  if (outcome.kind !== 'done') throw new Error(`An approval was ${JSON.stringify(outcome)}.`);
}

async function byUseCase(at: Approvals): Promise<number> {
  const asked = await waiting(at, CLICKS);
  return allActive(
    at,
    asked,
    perSecond(asked, AT_ONCE, (each) => approveOne(at, each)),
  );
}

/** The statements of one approval, recorded, and then sent for others in its place: the same but for their names. */
async function replayer(bench: Bench, at: Approvals, url: string): Promise<() => Promise<number>> {
  const [model] = await waiting(at, 1);
  if (!model) throw new Error('There is no request to learn from.');
  const statements = await statementsOf(() => approveOne(at, model));
  const pool = new pg.Pool({ connectionString: url, max: AT_ONCE, options: '-c synchronous_commit=on' });
  bench.onEnd(() => pool.end());
  return async () => {
    const asked = await waiting(at, CLICKS);
    const scripts = asked.map((each) => statements.map((statement) => inPlaceOf(statement, model, each)));
    return allActive(
      at,
      asked,
      perSecond(scripts, AT_ONCE, async (script) => {
        const client = await pool.connect();
        for (const statement of script) await client.query(statement);
        client.release();
      }),
    );
  };
}

function inPlaceOf({ text, values }: Statement, model: Waiting, other: Waiting): Statement {
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed);
    if (typeof value !== 'string') return value;
    return (['grant', 'tenant', 'trigger', 'operator'] as const).reduce(
      (said, name) => said.replaceAll(new RegExp(`${model[name]}(?![0-9])`, 'g'), other[name]),
      value,
    );
  };
  return { text, values: values.map(renamed) };
}

/** Whatever was fast must also have happened. */
async function allActive(at: Approvals, asked: readonly Waiting[], done: Promise<number>): Promise<number> {
  const rate = await done;
  const { rows } = await at.admin.query<{ active: number }>(
    `select count(*)::int as active from grants g join audit_events a on a.grant_id = g.id and a.action = 'break_glass.activated'
      where g.id = any ($1::uuid[]) and g.state = 'active'`,
    [asked.map(({ grant }) => grant)],
  );
  if (rows[0]?.active !== asked.length)
    throw new Error(`${rows[0]?.active} of ${asked.length} requests were approved.`);
  return rate;
}

/** Clicks as Slack sends them; done is what the database says was committed. */
async function clicker(bench: Bench, at: Approvals, { databaseUrl, yaml }: { databaseUrl: string; yaml: string }) {
  const slack = await startStubSlack(bench);
  const bot = await aBot(bench, { databaseUrl, apiUrl: slack.apiUrl, yaml });
  const send = sender(bench, bot.slackUrl);
  const bells = await aSession(bench, at.adminUrl);
  await bells.query('listen breakglass_clock');
  return async (): Promise<number> => {
    const asked = await waiting(at, CLICKS);
    const committed: (() => void)[] = [];
    const onBell = () => committed.shift()?.();
    bells.on('notification', onBell);
    const rate = perSecond(asked, AT_ONCE, async ({ grant, trigger }) => {
      // Each commit rings once, whosever it is: as many bells as clicks, and never more clicks under way than allowed.
      const bell = new Promise<void>((resolve) => committed.push(resolve));
      await Promise.all([send('interactive', clickBody(APPROVER, trigger, 'approve', `${grant}:security`)), bell]);
    });
    return allActive(at, asked, rate).finally(() => bells.off('notification', onBell));
  };
}

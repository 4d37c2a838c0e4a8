import pg from 'pg';
import { parseSettings } from '../src/config/settings.ts';
import { questionFrom } from '../src/http/authzen/question.ts';
import { behindTheDoor } from '../src/http/door.ts';
import { keyOf } from '../src/http/identity/caller.ts';
import { byKey } from '../src/http/identity/keys.ts';
import { wrongTries } from '../src/http/identity/wrong-tries.ts';
import { apiServer } from '../src/http/server.ts';
import { inForceOf } from '../src/in-force.ts';
import { openChecks } from '../src/store/checks/open.ts';
import { outcomesOf } from '../src/store/checks/outcomes.ts';
import { type AnswerRow, answering } from '../src/store/checks/statement.ts';
import { type CheckDesk, check } from '../src/usecases/check.ts';
import { configurationOf } from './office.ts';

/**
 * The API in a process of its own, with two routes to compare it with behind the same door: `/bench/constant` parses the
 * question and answers the same always; `/bench/alone` sends the same statement for each question by itself.
 * Arguments: the database's address, the epoch. Says its port on stdout; goes when stdin closes.
 */
const [databaseUrl = '', epoch = ''] = process.argv.slice(2);
const settings = parseSettings(configurationOf(20, 50), 'breakglass.yml');
const inForce = inForceOf(settings, Number(epoch));
const checks = openChecks({ url: databaseUrl });
const desk: CheckDesk = { checks, inForce: () => inForce, defaultIssuer: null, used: () => {} };
const door = { authenticate: byKey(checks), tries: wrongTries() };

const pool = new pg.Pool({
  connectionString: databaseUrl,
  max: 10,
  options:
    '-c role=breakglass_check -c jit=off -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off',
});
const alone: CheckDesk = {
  ...desk,
  checks: {
    ...checks,
    answer: async (call) => {
      const { rows } = await pool.query<AnswerRow>(answering([call]));
      return outcomesOf([call], rows[0] ?? { epoch: null, answers: null })[0] ?? [];
    },
  },
};

const server = apiServer({
  ...{
    desk,
    door,
    publicUrl: null,
    trouble: { outage: () => {}, defect: () => {} },
    v1: null,
  },
  health: { notReady: async () => [] },
});
server.register(async (scope) => {
  behindTheDoor(scope, door, 'service');
  const constant = {
    decision: true,
    context: { reason: 'granted', grants: ['x'], expires_at: 'x', evaluation_id: 'x' },
  };
  scope.post('/bench/constant', async ({ body }) => {
    questionFrom(body);
    return constant;
  });
  scope.post('/bench/alone', async ({ body, caller, id }) => {
    const asker = { key: keyOf(caller).id, defaultTenant: null };
    const [outcome] = await check(alone, asker, { questions: [questionFrom(body)], semantic: 'execute_all' }, id);
    return { decision: outcome !== undefined && 'answer' in outcome && outcome.answer.allowed };
  });
});
await server.listen({ port: 0, host: '127.0.0.1' });
const address = server.server.address();
process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`);
process.stdin.resume().once('end', async () => {
  await server.close();
  await checks.close();
  await pool.end();
});

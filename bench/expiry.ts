import { workspace } from '../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../sandbox/slack/index.ts';
import { aBot } from './bot.ts';
import {
  aDatabase,
  aSession,
  atMost,
  type Bench,
  type Figure,
  isSo,
  type Measured,
  type Measurement,
  percentile,
  told,
  versionOf,
} from './harness.ts';
import { aCrowd, addOpenGrants, type Crowd, type OpenGrant } from './history.ts';
import { BOT_TOKEN, SIGNING_SECRET } from './load.ts';
import { configurationOf, names } from './office.ts';

const GRANTS = 1_000;
const SPREAD_MS = 60_000;
/** Until the first one ends: the rows are written and the bot has looked (ms). */
const AHEAD_MS = 5_000;
const TENANTS = 20;
const OPERATORS = names('U0OPERATOR', 50);
const OTHERS = ['U0ANNA', 'U0PETRA', 'U0SAM'];

/** When an access ends, its people know within two seconds. */
export const expiry: Measurement = {
  name: 'expiry',
  how: `${GRANTS.toLocaleString('en-US')} break-glass sessions of ${TENANTS} tenants and ${OPERATORS.length} operators end within a minute, evenly; from \`expires_at\` to the moment at which the local Slack (about one message a second in a channel) took the notice, for each notice in each place: owners' channels, the one channel of security, direct messages. Then as many that end in the same second.`,
  measure: async (bench): Promise<Measured> => {
    const { server, url } = await aDatabase(bench);
    const yaml = configurationOf(TENANTS, OPERATORS.length);
    const slack = await populated(bench, yaml);
    await aBot(bench, { databaseUrl: url, apiUrl: slack.apiUrl, yaml });
    const admin = await aSession(bench, server.url('breakglass'));
    const crowd = await aCrowd(admin, OPERATORS, ['U0ANNA', 'U0SAM']);
    const at = { admin, crowd, slack, say: bench.say };
    const spread = await latencies(at, (i) => (i * SPREAD_MS) / GRANTS);
    const burst = await latencies(at, () => 0);
    return { figures: [...inTime(spread), ...folded(burst)], postgres: await versionOf(admin) };
  },
};

interface Place {
  admin: Awaited<ReturnType<typeof aSession>>;
  crowd: Crowd;
  slack: LocalSlack;
  say: Bench['say'];
}

/** Channels and people as the configuration names them, and Slack's pace. */
async function populated(bench: Bench, yaml: string): Promise<LocalSlack> {
  const slack = await startLocalSlack({ ...workspace, botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, pacing: {} });
  bench.onEnd(() => slack.stop());
  for (const id of [...OPERATORS, ...OTHERS]) slack.addUser({ id, name: id.toLowerCase() });
  for (const id of new Set(yaml.match(/\bC0\w+/g))) slack.addChannel({ id, name: id.toLowerCase() });
  return slack;
}

interface Notice {
  destination: string;
  /** Milliseconds from the end of the access to the arrival of its notice. */
  latency: number;
  ts: string;
}

/** Lets grants end, each so many milliseconds after the first, and waits until the last notice has arrived. */
async function latencies({ admin, crowd, slack, say }: Place, after: (i: number) => number): Promise<Notice[]> {
  const first = Date.now() + AHEAD_MS;
  const grants = Array.from({ length: GRANTS }, (_, i) => openGrant(crowd, slack, i, new Date(first + after(i))));
  const ids = await addOpenGrants(admin, crowd, grants);
  await admin.query('analyze; notify breakglass_clock');
  const expected = grants.flatMap(({ places }) => places).length;
  say(`${GRANTS} grants end within ${(after(GRANTS - 1) / 1000).toFixed(0)} s; waiting for ${expected} notices`);
  const left = async () => {
    const { rows } = await admin.query<{ delivered: number }>(
      "select count(*)::int as delivered from outbox where kind = 'fact' and state = 'delivered' and grant_id = any ($1::uuid[])",
      [ids],
    );
    return expected - (rows[0]?.delivered ?? 0);
  };
  const giveUp = Date.now() + AHEAD_MS + after(GRANTS - 1) + 180_000;
  while ((await left()) > 0) {
    if (Date.now() > giveUp) throw new Error(`${await left()} of ${expected} notices never arrived.`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const { rows } = await admin.query<Notice>(
    `select o.destination, o.slack_ts as ts, (o.slack_ts::numeric - extract(epoch from g.expires_at))::float8 * 1000 as latency
       from outbox o join grants g on g.id = o.grant_id
      where o.kind = 'fact' and o.grant_id = any ($1::uuid[])`,
    [ids],
  );
  // What the bot remembers of an arrival is Slack's word; that the message stands there is seen in Slack itself.
  const standing = new Set(slack.channels.flatMap(({ id }) => slack.messages(id).map(({ ts }) => ts)));
  const missing = rows.filter(({ ts }) => !standing.has(ts));
  if (missing.length > 0) throw new Error(`${missing.length} notices are not to be seen in Slack.`);
  return rows;
}

/** An access whose card stands in its owners' channel, with security and with who asked. */
function openGrant({ tenants, operators }: Crowd, slack: LocalSlack, i: number, until: Date): OpenGrant {
  const tenant = tenants[i % tenants.length] ?? { id: '', channel: '' };
  const operator = Math.floor(i / tenants.length);
  const places = [tenant.channel, 'C0SECURITY', OPERATORS[operator] ?? ''].map((destination, n) => {
    const words = { text: 'A card', blocks: [], metadata: undefined, thread_ts: undefined };
    const channel = slack.world.channelOf(destination) ?? destination;
    const { ts } = slack.world.messages.post(channel, slack.world.bot.user, words);
    return { destination, channel, ts, audience: n < 2 ? ('approvers' as const) : ('requester' as const) };
  });
  return { state: 'active', tenant: tenant.id, operator: operators[operator] ?? '', until, places };
}

const kinds: Readonly<Record<string, (destination: string) => boolean>> = {
  "owners' channels": (destination) => destination.startsWith('C0TENANT'),
  'the channel of security': (destination) => destination === 'C0SECURITY',
  'direct messages': (destination) => destination.startsWith('U'),
};

const p99 = (notices: readonly Notice[]): number =>
  percentile(
    notices.map(({ latency }) => latency),
    99,
  );

function inTime(notices: readonly Notice[]): Figure[] {
  const early = notices.filter(({ latency }) => latency < 0).length;
  return [
    atMost('spread over a minute: p99, everywhere', p99(notices), 2_000, ' ms'),
    isSo('spread over a minute: notices before their time', String(early), '0', early === 0),
    ...byPlace('spread over a minute', notices),
  ];
}

const folded = (notices: readonly Notice[]): Figure[] => [
  told('all in one second: last one after', Math.max(...notices.map(({ latency }) => latency)), ' ms'),
  ...byPlace('all in one second', notices),
];

const byPlace = (when: string, notices: readonly Notice[]): Figure[] =>
  Object.entries(kinds).map(([name, is]) => {
    const here = notices.filter(({ destination }) => is(destination));
    const median = percentile(
      here.map(({ latency }) => latency),
      50,
    );
    const messages = new Set(here.map(({ ts }) => ts)).size;
    const counts = `${here.length} notices in ${messages} messages`;
    return told(`${when}: ${name}`, `median ${median.toFixed(0)} ms, p99 ${p99(here).toFixed(0)} ms, ${counts}`);
  });

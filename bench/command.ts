import { aBot, aProcess } from './bot.ts';
import {
  aDatabase,
  aSession,
  atLeast,
  inTurn,
  type Measured,
  type Measurement,
  perSecond,
  told,
  versionOf,
} from './harness.ts';
import { aTrigger, commandBody, type Send, sender } from './load.ts';
import { configurationOf } from './office.ts';
import { type StubSlack, startStubSlack } from './stub-slack.ts';

const OPERATOR = 'U0OPERATOR1';
const COMMANDS = 1_500;
const AT_ONCE = 16;
const ROUNDS = 7;

/** A form opens as fast as Bolt lets it. */
export const command: Measurement = {
  name: 'command',
  how: `An operator's \`/breakglass\` until \`views.open\` arrives at Slack, against a Bolt app that acknowledges and opens the same form, each in a process of its own; ${COMMANDS} commands, ${AT_ONCE} at once, in turn, ${ROUNDS} times.`,
  measure: async (bench): Promise<Measured> => {
    const { server, url } = await aDatabase(bench);
    const slack = await startStubSlack(bench);
    const bot = await aBot(bench, { databaseUrl: url, apiUrl: slack.apiUrl, yaml: configurationOf(20, 50) });
    const ours = sender(bench, bot.slackUrl);
    const view = await formOf(ours, slack);
    const bare = await aProcess(bench, { SLACK_API_URL: slack.apiUrl, VIEW: view }, ['bench/bare-bolt.ts']);
    const theirs = sender(bench, bare.slackUrl);
    const pair = await inTurn(
      ROUNDS,
      () => opensPerSecond(ours, slack),
      () => opensPerSecond(theirs, slack),
    );
    return {
      figures: [
        atLeast('throughput against bare Bolt', pair.ratio, 0.8, ' x'),
        told('the bot', pair.ours, ' forms/s'),
        told('bare Bolt', pair.theirs, ' forms/s'),
        told('each round', pair.rounds),
      ],
      postgres: await versionOf(await aSession(bench, server.url('breakglass'))),
    };
  },
};

/** The form that an operator gets who is known by now; the first command makes them known. */
async function formOf(send: Send, slack: StubSlack): Promise<string> {
  const known = slack.next('views.update');
  await send('command', commandBody(OPERATOR, aTrigger()));
  await known;
  const trigger = aTrigger();
  const opened = slack.used(trigger);
  await send('command', commandBody(OPERATOR, trigger));
  return new URLSearchParams(await opened).get('view') ?? '{}';
}

const opensPerSecond = (send: Send, slack: StubSlack): Promise<number> =>
  perSecond(Array.from({ length: COMMANDS }, aTrigger), AT_ONCE, async (trigger) => {
    const opened = slack.used(trigger);
    await Promise.all([send('command', commandBody(OPERATOR, trigger)), opened]);
  });

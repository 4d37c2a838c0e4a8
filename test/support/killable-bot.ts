import { startBot } from '../../src/bot.ts';
import { readEnvironment, readSettings } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';

/**
 * The real bot in a process of its own that kills itself, without a word, when it reaches the step named by the first
 * argument for the n-th time (second argument).
 */
const [point = '', times = '1'] = process.argv.slice(2);
let left = Number(times);

const environment = readEnvironment();
const { database } = environment;
if (!('url' in database)) throw new Error('DATABASE_URL is not set.');
const log = createLog(environment.logLevel);
const bot = await startBot({
  environment,
  settings: readSettings(environment.configFile),
  databaseUrl: database.url,
  log,
  reach: (reached) => {
    if (reached !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  },
});
log.info({ slack_port: bot.slackPort, api_port: bot.apiPort }, 'ready');
process.on('SIGTERM', () => {
  bot.stop().then(() => process.exit(0));
});

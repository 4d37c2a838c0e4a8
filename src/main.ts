import { startBot } from './bot.ts';
import { type Environment, readEnvironment, readSettings } from './config.ts';
import { sealKeyIn } from './kept-head.ts';
import { createLog, type Log } from './log.ts';
import { failStart, onSignals } from './process.ts';
import { startEmbeddedDatabase } from './store/embedded/bootstrap.ts';

/** Before it stops, Slack's port stays open until nobody has asked for so long (ms). */
const QUIET_MS = 500;

/** The real thing: configuration, database, doors, clock; stopped in reverse. */
async function main(): Promise<void> {
  const environment = readEnvironment();
  const settings = readSettings(environment.configFile);
  const log = createLog(environment.logLevel);
  const database = await databaseFor(environment, log);
  const bot = await startBot({
    environment: 'url' in environment.database ? environment : withOwnSealKey(environment, log),
    settings,
    databaseUrl: database.url,
    log,
    readFile: () => readSettings(environment.configFile),
  }).catch(async (error: unknown) => {
    await database.stop();
    throw error;
  });
  process.on('SIGHUP', () => void bot.reload());
  onSignals(async () => {
    log.info('stopping');
    await bot.stop(QUIET_MS);
    await database.stop();
    log.info('stopped');
  });
  log.info({ slack_port: bot.slackPort, api_port: bot.apiPort }, 'ready');
}

/** An embedded database is for trying it out: its history is sealed too, with a key that lies beside it. */
function withOwnSealKey(environment: Environment, log: Log): Environment {
  if (environment.sealing !== null) return environment;
  const { signer, file } = sealKeyIn(environment.dataDir);
  log.warn(
    { file, public_key: signer.verifier.text },
    'AUDIT_SIGNING_KEY is not set: sealing with a key made for this trial',
  );
  return { ...environment, sealing: { signer, trusted: [signer.verifier] } };
}

async function databaseFor({ database }: Environment, log: Log): Promise<{ url: string; stop: () => Promise<void> }> {
  if ('url' in database) return { url: database.url, stop: async () => {} };
  const embedded = await startEmbeddedDatabase({ dataDir: database.embeddedIn });
  log.warn(
    { data_dir: database.embeddedIn },
    'DATABASE_URL is not set: using an embedded PostgreSQL, for trying it out only',
  );
  return { url: embedded.url, stop: embedded.server.stop };
}

main().catch(failStart);

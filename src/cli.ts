#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { minute } from './cli/database.ts';
import { evidenceOrder } from './cli/evidence.ts';
import { evidenceCommand } from './cli/evidence-command.ts';
import { explain } from './cli/explain.ts';
import { dropKey, keyOptions, keyWish, listedKeys, makeKey } from './cli/keys.ts';
import { lint } from './cli/lint.ts';
import { listDead, noticeIds, sendAgain } from './cli/notices.ts';
import { newSealKey, sealStatus } from './cli/seal.ts';
import { usage } from './cli/usage.ts';
import { verifyCommand } from './cli/verify.ts';
import { lines } from './config/mistakes.ts';
import { readOfflineEnvironment, readSettings } from './config.ts';
import { failStart } from './process.ts';
import { startEmbeddedDatabase } from './store/embedded/bootstrap.ts';
import { callForReload } from './store/listen.ts';
import { migrate } from './store/migrations/migrate.ts';

const say = (text: string) => process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);

function wrongUse(why: string): number {
  process.stderr.write(`${why}\n\n${usage}`);
  return 2;
}

/** Commands of two words. */
const groups = ['config', 'key', 'notices', 'seal'];

async function main(words: string[]): Promise<number> {
  const [first = 'help', second, ...rest] = words;
  switch (`${first} ${groups.includes(first) ? second : ''}`.trim()) {
    case 'migrate':
      return words.length === 1 ? runMigrate() : wrongUse('migrate takes no further words.');
    case 'config check':
      return check(rest);
    case 'config reload':
      return runReload();
    case 'config explain':
      return runExplain(rest);
    case 'notices dead':
      return rest.length === 0 ? runListDead() : wrongUse('notices dead takes no further words.');
    case 'notices requeue':
      return runRequeue(rest);
    case 'key create':
      return runCreateKey(rest);
    case 'key list':
      return rest.length === 0 ? runListKeys() : wrongUse('key list takes no further words.');
    case 'key revoke':
      return runRevokeKey(rest);
    case 'seal new-key':
      return runNewSealKey(rest);
    case 'seal status':
      return rest.length === 0 ? runSealStatus() : wrongUse('seal status takes no further words.');
    case 'evidence':
      return runEvidence(words.slice(1));
    case 'verify':
      return runVerify(words.slice(1));
    case 'help':
    case '--help':
    case '-h':
      say(usage);
      return 0;
    default:
      return wrongUse(`There is no command "${words.join(' ')}".`);
  }
}

async function runMigrate(): Promise<number> {
  const { migrateUrl, database: usual } = readOfflineEnvironment();
  if (migrateUrl !== null) return report(await migrate(migrateUrl).catch(withoutTrace));
  const database = usual();
  if ('embeddedIn' in database) {
    const embedded = await startEmbeddedDatabase({ dataDir: database.embeddedIn });
    await embedded.server.stop();
    say(`The embedded database in ${database.embeddedIn} is up to date.`);
    return 0;
  }
  throw lines([
    "MIGRATE_DATABASE_URL: expected the PostgreSQL address of the tables' owner; DATABASE_URL is for the bot.",
  ]);
}

function report(applied: readonly string[]): number {
  say(
    applied.length === 0
      ? 'The database was up to date.'
      : `Applied:\n${applied.map((name) => `  ${name}`).join('\n')}`,
  );
  return 0;
}

/** Prisma's engine ends its messages with the places in its own source. */
function withoutTrace(error: unknown): never {
  const said = error instanceof Error ? error.message : String(error);
  const kept = said.split('\n').filter((line) => !/^\s+(\d+: \w+|with |at )/.test(line));
  throw new Error(kept.join('\n').trim(), { cause: error });
}

async function check(rest: string[]): Promise<number> {
  const { positionals } = parseArgs({ args: rest, allowPositionals: true, options: {} });
  if (positionals.length > 1) return wrongUse('config check reads one FILE.');
  const environment = readOfflineEnvironment();
  const file = positionals[0] ?? environment.configFile;
  const settings = readSettings(file);
  const warnings = await lint(settings, environment.slack);
  for (const warning of warnings) say(`warning: ${warning}`);
  const unasked = environment.slack ? '' : ' Slack was not asked: SLACK_BOT_TOKEN is not set.';
  say(
    warnings.length === 0
      ? `${file} is right.${unasked}`
      : `${file} can be used; ${warnings.length} to look at.${unasked}`,
  );
  return 0;
}

/** The database that running bots use: an embedded one belongs to the process that started it. */
function sharedDatabase(hint = ''): string {
  const database = readOfflineEnvironment().database();
  if ('url' in database) return database.url;
  throw lines([`DATABASE_URL: expected the database that the bots use${hint}.`]);
}

async function runReload(): Promise<number> {
  await callForReload(sharedDatabase('; a bot with an embedded one reloads on kill -HUP'));
  say('Every running bot reads its file again. Each says in its log whether it took it.');
  return 0;
}

async function runListDead(): Promise<number> {
  say((await listDead(sharedDatabase())).join('\n'));
  return 0;
}

async function runRequeue(rest: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { all: { type: 'boolean', default: false } },
  });
  const ids = noticeIds(positionals);
  if (ids === null) return wrongUse('notices requeue needs the numbers that "notices dead" shows.');
  if (values.all === ids.length > 0) return wrongUse('notices requeue needs numbers, or --all.');
  const { said, all } = await sendAgain(sharedDatabase(), values.all ? null : ids);
  say(said.join('\n'));
  return all ? 0 : 1;
}

async function runCreateKey(rest: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: rest, allowPositionals: true, options: keyOptions });
  const wish = keyWish(positionals, values);
  if (typeof wish === 'string') return wrongUse(wish);
  const made = await makeKey(sharedDatabase(), wish);
  switch (made.kind) {
    case 'made':
      process.stderr.write(`The key ${wish.name} counts until ${minute(made.expiresAt)}. It is shown this once:\n`);
      say(made.key);
      return 0;
    case 'name_taken':
      process.stderr.write(
        `There is, or was, a key named ${wish.name}: the audit trail knows it by that name. Take another.\n`,
      );
      return 1;
    case 'unknown_tenant':
      process.stderr.write(`There is no tenant ${made.tenant}.\n`);
      return 1;
  }
}

async function runListKeys(): Promise<number> {
  say((await listedKeys(sharedDatabase())).join('\n'));
  return 0;
}

async function runRevokeKey(rest: string[]): Promise<number> {
  const [name] = rest;
  if (!name || rest.length !== 1) return wrongUse('key revoke needs one NAME, as "key list" shows it.');
  const done = await dropKey(sharedDatabase(), name);
  say(done ? `The key ${name} does not count any more.` : `There is no key ${name} that still counts.`);
  return done ? 0 : 1;
}

function runNewSealKey(rest: string[]): number {
  const made =
    rest.length === 1 ? newSealKey(rest[0] ?? '') : 'seal new-key needs one NAME, such as breakglass.example.com.';
  if (typeof made === 'string') return wrongUse(made);
  process.stderr.write(
    `The public key, for everybody who verifies:\n${made.verifier}\nAUDIT_SIGNING_KEY, shown this once:\n`,
  );
  say(made.secret);
  return 0;
}

async function runSealStatus(): Promise<number> {
  say((await sealStatus(sharedDatabase())).join('\n'));
  return 0;
}

function runVerify(rest: string[]): Promise<number> {
  const trusted = readOfflineEnvironment().sealing?.trusted ?? [];
  return verifyCommand(rest, { url: sharedDatabase, trusted });
}

async function runEvidence(rest: string[]): Promise<number> {
  const order = evidenceOrder(rest);
  if (typeof order === 'string') return wrongUse(order);
  const { sealing } = readOfflineEnvironment();
  return evidenceCommand(order, sharedDatabase(), sealing);
}

async function runExplain(rest: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { scope: { type: 'string' }, tenant: { type: 'string' }, operator: { type: 'string' } },
  });
  const { scope, tenant, operator } = values;
  if (!scope || !tenant || !operator) return wrongUse('config explain needs --scope, --tenant and --operator.');
  if (positionals.length > 1) return wrongUse('config explain reads one FILE.');
  const environment = readOfflineEnvironment();
  const settings = readSettings(positionals[0] ?? environment.configFile);
  const told = await explain(settings, { scope, tenant, operator }, environment.slack);
  say(told.lines.join('\n'));
  return told.allowed ? 0 : 1;
}

main(process.argv.slice(2)).then(
  // Not before all is said; but the migration engine leaves a timer of ten seconds, which nobody should wait for.
  (code) => void process.stdout.write('', () => process.exit(code)),
  (error: unknown) => {
    const unknownOption =
      error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (unknownOption) process.exitCode = wrongUse(error.message);
    else failStart(error);
  },
);

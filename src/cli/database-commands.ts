import { lines } from '../config/mistakes.ts';
import { readOfflineEnvironment } from '../config.ts';
import { command } from './command.ts';
import { exits, WrongUse } from './exits.ts';
import { minute } from './one-line.ts';
import { say } from './terminal.ts';

/** Commands on the database that the bots use, without the API. What they need is opened when they run: the others start at once. */

/** @throws ConfigurationError: an embedded database belongs to the process that started it */
function sharedDatabase(hint = ''): string {
  const database = readOfflineEnvironment().database();
  if ('url' in database) return database.url;
  throw lines([`DATABASE_URL: expected the database that the bots use${hint}.`]);
}

const migrate = command({
  ...{
    name: 'migrate',
    with: 'database',
    says: "bring it up to date (MIGRATE_DATABASE_URL, the owner's)",
    options: {},
  },
  run: async () => (await import('./migrate.ts')).migrateCommand(readOfflineEnvironment()),
});

const reload = command({
  ...{ name: 'config reload', with: 'database', options: {} },
  says: 'have every running bot on it read its file again (or: kill -HUP)',
  run: async () => {
    const { callForReload } = await import('../store/listen.ts');
    await callForReload(sharedDatabase('; a bot with an embedded one reloads on kill -HUP'));
    say('Every running bot reads its file again. Each says in its log whether it took it.');
    return exits.done;
  },
});

const listDead = command({
  ...{ name: 'notices dead', with: 'database', options: {} },
  says: 'what was given up: number, since when, where, what, why (over the API: jobs dead)',
  run: async () => {
    const { listDead: list } = await import('./notices.ts');
    say((await list(sharedDatabase())).join('\n'));
    return exits.done;
  },
});

const requeue = command({
  ...{
    name: 'notices requeue',
    with: 'database',
    says: 'send dead notices again, marked as late (over the API: jobs requeue)',
  },
  words: [{ name: 'ID', says: 'the numbers that "notices dead" shows', needed: false, many: true }],
  options: { all: { takes: null, says: 'every dead notice' } },
  run: async ({ words, options }) => {
    const { noticeIds, sendAgain } = await import('./notices.ts');
    const ids = noticeIds(words);
    if (ids === null) throw new WrongUse('notices requeue needs the numbers that "notices dead" shows.');
    if (options.all === ids.length > 0) throw new WrongUse('notices requeue needs numbers, or --all.');
    const { said, all } = await sendAgain(sharedDatabase(), options.all ? null : ids);
    say(said.join('\n'));
    return all ? exits.done : exits.refused;
  },
});

const keyName = { name: 'NAME', says: 'the name of the key', needed: true } as const;

const createKey = command({
  ...{
    name: 'key create',
    with: 'database',
    says: 'make a key; shown once, on stdout (over the API: keys create)',
    words: [keyName],
  },
  options: {
    role: { takes: 'ROLE', says: 'service (unless said), auditor or admin' },
    tenants: { takes: 'T,...', says: 'keys of tenants with commas between; of every one: all' },
    subjects: { takes: 'P,...', says: 'for a service: whom it may ask about; or all' },
    actions: { takes: 'A,...', says: 'for a service: what about; or all' },
    'default-tenant': { takes: 'T', says: 'for a service: the tenant of questions that name none' },
    days: { takes: 'DAYS', says: 'how long it counts; 90 unless said' },
    'per-second': { takes: 'NUMBER', says: 'answers a second; 1000 unless said' },
  },
  run: async ({ words, options }) => {
    const { keyWish, makeKey } = await import('./keys.ts');
    const wish = keyWish(words, options);
    if (typeof wish === 'string') throw new WrongUse(wish);
    const made = await makeKey(sharedDatabase(), wish);
    if (made.kind === 'made') {
      process.stderr.write(`The key ${wish.name} counts until ${minute(made.expiresAt)}. It is shown this once:\n`);
      say(made.key);
      return exits.done;
    }
    process.stderr.write(
      made.kind === 'name_taken'
        ? `There is, or was, a key named ${wish.name}: the audit trail knows it by that name. Take another.\n`
        : `There is no tenant ${made.tenant}.\n`,
    );
    return exits.refused;
  },
});

const adoptKey = command({
  ...{ name: 'key adopt', with: 'database', words: [{ ...keyName, needed: false }], options: {} },
  says: 'make ADMIN_API_KEY the first key of the role admin; from then on the variable is ignored',
  run: async ({ words: [name = 'admin'] }) => {
    const { adoptBootstrapKey } = await import('./keys.ts');
    const { said, done } = await adoptBootstrapKey(sharedDatabase(), name, readOfflineEnvironment().adminApiKey);
    say(said);
    return done ? exits.done : exits.refused;
  },
});

const listKeys = command({
  ...{
    name: 'key list',
    with: 'database',
    says: 'every key, what it may ask about, until when (over the API: keys list)',
    options: {},
  },
  run: async () => {
    const { listedKeys } = await import('./keys.ts');
    say((await listedKeys(sharedDatabase())).join('\n'));
    return exits.done;
  },
});

const revokeKey = command({
  ...{
    name: 'key revoke',
    with: 'database',
    says: 'end a key, at once (over the API: keys revoke)',
    words: [keyName],
    options: {},
  },
  run: async ({ words: [name = ''] }) => {
    const { dropKey } = await import('./keys.ts');
    const done = await dropKey(sharedDatabase(), name);
    say(done ? `The key ${name} does not count any more.` : `There is no key ${name} that still counts.`);
    return done ? exits.done : exits.refused;
  },
});

const sealStatus = command({
  ...{ name: 'seal status', with: 'database', options: {} },
  says: 'how far the audit trail is sealed, its newest checkpoint, the keys that signed',
  run: async () => {
    const { sealStatus: status } = await import('./seal.ts');
    say((await status(sharedDatabase())).join('\n'));
    return exits.done;
  },
});

const evidence = command({
  ...{
    name: 'evidence',
    with: 'database',
    says: 'a bundle for auditors, signed with AUDIT_SIGNING_KEY',
    readsItself: true,
  },
  options: {
    grant: { takes: 'ID', says: 'of one access' },
    from: { takes: 'TIME', says: 'or of a window of time: its beginning, a day or a time in UTC' },
    to: { takes: 'TIME', says: 'its end, not in it' },
    tenant: { takes: 'TENANT', says: 'of one tenant alone' },
    out: { takes: 'FILE', says: 'where to put it' },
    force: { takes: null, says: 'replace what is there' },
  },
  run: async ({ raw }) => {
    const { evidenceOrder } = await import('./evidence.ts');
    const order = evidenceOrder(raw);
    if (typeof order === 'string') throw new WrongUse(order);
    const { evidenceCommand } = await import('./evidence-command.ts');
    return evidenceCommand(order, sharedDatabase(), readOfflineEnvironment().sealing);
  },
});

const verify = command({
  ...{
    name: 'verify',
    with: 'database',
    says: 'the sealed audit trail, and the tables against it; or a bundle',
    readsItself: true,
  },
  words: [{ name: 'FILE', says: 'a bundle; the database where none is named', needed: false }],
  options: {
    key: { takes: 'KEY', says: 'a public key that you trust', many: true },
    'key-file': { takes: 'FILE', says: 'keys from a file, one a line', many: true },
    checkpoint: { takes: 'FILE', says: 'a checkpoint that you held on to', many: true },
    json: { takes: null, says: 'the result as JSON' },
  },
  notes: [
    'Without --key, the public halves of AUDIT_SIGNING_KEY and AUDIT_PREVIOUS_KEYS are trusted for the database.',
    'Exit code 3 where nothing could be looked at.',
  ],
  run: async ({ raw }) => {
    const { verifyCommand } = await import('./verify.ts');
    return verifyCommand(raw, { url: sharedDatabase, trusted: readOfflineEnvironment().sealing?.trusted ?? [] });
  },
});

export const databaseCommands = [
  migrate,
  reload,
  listKeys,
  createKey,
  adoptKey,
  revokeKey,
  listDead,
  requeue,
  sealStatus,
  evidence,
  verify,
];

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { openHead, tidyNote } from '../../src/evidence/checkpoint.ts';
import { newSigner, readVerifier } from '../../src/evidence/note.ts';
import { LOG } from '../support/sealing.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const HOUR_MS = 60 * 60_000;

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakglass-seals-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A bot with a key, sealing; and the public half of the key. */
async function sealing(dataDir: string, key = newSigner(LOG)) {
  const stack = await startTestStack({ environment: { AUDIT_SIGNING_KEY: key.secret, DATA_DIR: dataDir } });
  onTestFinished(() => stack.stop());
  const verifier = readVerifier(key.verifier);
  if (!verifier) throw new Error('A key that was just made can not be read.');
  return { stack, verifier };
}

const security = channels.security.id;
const saying = ({ slack }: TestStack, words: string) =>
  slack.messages(security).filter((message) => JSON.stringify(message).includes(words));
const told = (stack: TestStack, words: string, times = 1) =>
  stack.slack.until(() => saying(stack, words).length >= times, `security to be told: ${words}`);

/** Nothing is left to seal: the first seal leaves the record of its key to the second. */
async function allSealed(stack: TestStack): Promise<void> {
  await told(stack, 'The audit trail is sealed');
  await stack.logged('history sealed');
  stack.bot.clock.seals.ring();
  await stack.logged('history sealed', 2);
}

const unguarded = ({ db }: TestStack, table: string, statement: string) =>
  db.query(
    'superuser',
    `alter table ${table} disable trigger user; ${statement}; alter table ${table} enable trigger user`,
  );

test('a bot with a key seals, tells security of the head, and keeps it in its own folder', async () => {
  const folder = await aFolder();
  const { stack, verifier } = await sealing(folder);
  await told(stack, 'The audit trail is sealed');
  const [message] = saying(stack, 'The audit trail is sealed');
  const text = JSON.parse(JSON.stringify(message)).blocks[1].text.text;
  const posted = openHead(tidyNote(text.replaceAll('```', '')), [verifier]);
  expect(posted?.origin).toBe(LOG);
  await stack.logged('history sealed');
  const kept = openHead(await readFile(path.join(folder, 'audit-head'), 'utf8'), [verifier]);
  expect(kept?.size).toBeGreaterThanOrEqual(posted?.size ?? 0);
});

test('a bot without a key says so, seals nothing and alarms nobody', async () => {
  const stack = await startTestStack();
  onTestFinished(() => stack.stop());
  await stack.logged('AUDIT_SIGNING_KEY is not set: the audit trail is kept, and not sealed');
  await stack.db.clock.advance(2 * HOUR_MS);
  stack.bot.clock.seals.ring();
  await stack.bot.clock.seals.stop();
  expect(await stack.db.query('superuser', 'select 1 from audit_leaves')).toEqual([]);
  expect(await stack.db.query('superuser', `select 1 from outbox where kind in ('checkpoint', 'seal_alarm')`)).toEqual(
    [],
  );
});

test('where what was sealed is not what is there, security is told at once, again after an hour, and nothing is signed', async () => {
  const { stack } = await sealing(await aFolder());
  await allSealed(stack);
  await unguarded(stack, 'checkpoints', `update checkpoints set root = sha256('x') where tenant_id is null`);
  const heads = await stack.db.query('superuser', 'select id from checkpoints');
  stack.bot.clock.seals.ring();
  await told(stack, 'does not fit its signature');
  for (let ring = 0; ring < 3; ring += 1) stack.bot.clock.seals.ring();
  await stack.db.clock.advance(HOUR_MS);
  stack.bot.clock.seals.ring();
  await told(stack, 'does not fit its signature', 2);
  expect(saying(stack, 'does not fit its signature')).toHaveLength(2);
  expect(await stack.db.query('superuser', 'select id from checkpoints')).toEqual(heads);
  const alarms = await stack.db.query(
    'superuser',
    `select details ->> 'trouble' as trouble from audit_events where action = 'seal.alarm'`,
  );
  expect(alarms).toEqual([{ trouble: 'broken' }, { trouble: 'broken' }]);
});

test('whoever rewrote history does not decide whether anybody hears of it', async () => {
  const { stack } = await sealing(await aFolder());
  await allSealed(stack);
  await stack.db.query(
    'superuser',
    `insert into schedules (name, checked_until, last_run_at) values ('seal_alarm', '2099-01-01', '2099-01-01')`,
  );
  await unguarded(stack, 'checkpoints', `update checkpoints set root = sha256('x') where tenant_id is null`);
  stack.bot.clock.seals.ring();
  await told(stack, 'does not fit its signature');
  await stack.logged('nothing is signed: the history is not what was signed');
});

test('rows that wait for longer than a minute are an alarm, whatever keeps the sealer from it', async () => {
  const { stack } = await sealing(await aFolder());
  await told(stack, 'The audit trail is sealed');
  await stack.db.query('superuser', 'revoke insert on audit_leaves from breakglass_across');
  await stack.db.query(
    'superuser',
    `insert into audit_events (action, actor, request_id, details) values ('access.refused', 'slack:T0HOME:U0X', 'r', '{}')`,
  );
  stack.bot.clock.seals.ring();
  await stack.logged('sealing the history failed; it is tried again');
  expect(saying(stack, 'have waited for their seal')).toEqual([]);
  await stack.db.clock.advance(61_000);
  stack.bot.clock.seals.ring();
  await told(stack, 'have waited for their seal');
  await stack.db.query('superuser', 'grant insert on audit_leaves to breakglass_across');
  stack.bot.clock.seals.ring();
  await stack.logged('sealing the history works again');
});

test("an older copy of the database is an alarm, not a new history: yesterday's dump is found", async () => {
  const folder = await aFolder();
  const key = newSigner(LOG);
  const { stack } = await sealing(folder, key);
  await allSealed(stack);
  const yesterday = await stack.db.query<{ id: string }>('superuser', 'select max(id)::text as id from checkpoints');
  await stack.db.query(
    'superuser',
    `insert into audit_events (action, actor, request_id, details) values ('access.refused', 'slack:T0HOME:U0X', 'r', '{}')`,
  );
  const kept = await readFile(path.join(folder, 'audit-head'), 'utf8');
  stack.bot.clock.seals.ring();
  await stack.logged('history sealed', 3);
  for (const bot of stack.bots) await bot.clock.seals.stop();
  expect(await readFile(path.join(folder, 'audit-head'), 'utf8')).not.toBe(kept);
  await unguarded(stack, 'checkpoints', `delete from checkpoints where id > ${yesterday[0]?.id}`);
  await unguarded(
    stack,
    'audit_leaves',
    'delete from audit_leaves where leaf >= (select max(size) from checkpoints where tenant_id is null)',
  );
  await stack.restart();
  await told(stack, 'fewer sealed entries than were signed');
});

test('a head that was kept and can not be read is an alarm', async () => {
  const folder = await aFolder();
  await writeFile(path.join(folder, 'audit-head'), 'nonsense');
  const { stack } = await sealing(folder);
  await told(stack, 'that was kept on disk can not be read');
  expect(await stack.db.query('superuser', 'select 1 from checkpoints')).toEqual([]);
});

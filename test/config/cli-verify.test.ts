import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { newSigner, readSigner } from '../../src/evidence/note.ts';
import { openDatabase } from '../../src/store/database.ts';
import { aSealing, aSigner, LOG, seal, writeRows } from '../support/sealing.ts';
import { runningBots } from './running.ts';

const bots = runningBots();
const { at, folder } = bots;

/** A command, with what it said as text. */
async function cli(words: string[], variables: Record<string, string>) {
  const { code, out, err } = await bots.cli(words, variables);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const key = newSigner(LOG);
let note = '';

/** History of ten rows, sealed with this key; nothing is in the tables that no entry says. */
beforeAll(async () => {
  await writeRows(at.db, 10);
  const db = openDatabase({ url: at.db.url('app') });
  const signer = readSigner(key.secret) ?? aSigner();
  const sealing = aSealing(db, { signer });
  await seal(sealing);
  await seal(sealing);
  await db.close();
  note = String(sealing.kept.note());
});

const verify = (...words: string[]) => cli(['verify', ...words], { DATABASE_URL: at.db.url('app') });
const held = (text: string): string => {
  const file = path.join(folder(), 'checkpoint.txt');
  writeFileSync(file, text);
  return file;
};

describe('breakglass verify', () => {
  test('verifies the database with a key that was named', async () => {
    const { code, out } = await verify('--key', key.verifier);
    expect(out.trim().split('\n')).toEqual([
      'Looked at: 11 sealed entries, 2 checkpoints, 0 grants. 0 rows wait for the next seal.',
      'Verified: everything is as it was sealed, and the tables say what the entries say.',
    ]);
    expect(code).toBe(0);
  });

  test('trusts what this machine seals with, where no key is named', async () => {
    const { code } = await cli(['verify'], { DATABASE_URL: at.db.url('app'), AUDIT_SIGNING_KEY: key.secret });
    expect(code).toBe(0);
  });

  test('needs a key from somewhere else than the database', async () => {
    const { code, err } = await verify();
    expect(code).toBe(2);
    expect(err).toContain('verify needs --key or --key-file');
  });

  test('compares with a checkpoint that somebody held on to, as copied from a message', async () => {
    const copied = held(`\n${note.replaceAll('\n', '\r\n')}  `);
    expect((await verify('--key', key.verifier, '--checkpoint', copied)).code).toBe(0);
  });

  test('takes no checkpoint that a trusted key did not sign, and says which file', async () => {
    const { code, err } = await verify('--key', aSigner().verifier.text, '--checkpoint', held(note));
    expect(code).toBe(2);
    expect(err).toContain('checkpoint.txt: expected a checkpoint that one of the trusted keys signed.');
  });

  test('says what is wrong, a line each, also for programs; exit code 1', async () => {
    const other = aSigner().verifier.text;
    const { code, out } = await verify('--key', other);
    expect(code).toBe(1);
    expect(out).toContain(
      'the checkpoint of 10 entries of the whole history is not signed by a key that is trusted here',
    );
    expect(out.trim().split('\n').at(-1)).toMatch(/^NOT VERIFIED: \d+ things are wrong\.$/);
    const asJson = JSON.parse((await verify('--key', other, '--json')).out);
    expect(asJson).toMatchObject({ verified: false, entries: 11, findings: expect.any(Array) });
  });

  test('says that it could not look, where there is no such database; exit code 3', async () => {
    const { code, err } = await cli(['verify', '--key', key.verifier], {
      DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nowhere',
    });
    expect(code).toBe(3);
    expect(err).toMatch(/^The database can't be read: [^\n]+$/);
  });

  test.each([
    ['--frobnicate'],
    ['--key'],
    ['--key', 'nonsense'],
    ['--checkpoint', 'nowhere.txt', '--key', key.verifier],
  ])('is told what is wrong with its use: %s %s', async (...words) => {
    const { code, err } = await verify(...words);
    expect([2, 3]).toContain(code);
    expect(err).not.toContain('    at ');
  });
});

describe('breakglass seal', () => {
  test('new-key makes a key: the secret alone on stdout, once, the public half beside it', async () => {
    const { code, out, err } = await cli(['seal', 'new-key', LOG], {});
    const made = readSigner(out);
    expect(code).toBe(0);
    expect(made?.verifier.name).toBe(LOG);
    expect(err).toContain(String(made?.verifier.text));
    expect(err).not.toContain(out.trim());
  });

  test.each([[], ['a b'], ['a', 'b'], ['']])('new-key needs one name: %s', async (...names) => {
    const { code, err } = await cli(['seal', 'new-key', ...names], {});
    expect(code).toBe(2);
    expect(err).toMatch(/^seal new-key needs/);
  });

  test('status says how far, shows the newest checkpoint and the keys that signed', async () => {
    const { code, out } = await cli(['seal', 'status'], { DATABASE_URL: at.db.url('app') });
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Sealed: 11 entries, \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\nNothing waits for longer than a minute\.\n/,
    );
    expect(out).toContain(note.trim());
    expect(out).toContain(key.verifier);
  });
});

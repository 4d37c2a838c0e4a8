import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { evidenceOrder } from '../../src/cli/evidence.ts';
import { newSigner, readSigner } from '../../src/evidence/note.ts';
import { openDatabase } from '../../src/store/database.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { aSealing, LOG, seal, writeRows } from '../support/sealing.ts';
import { commands } from './command.ts';

const { cli, start, folder } = commands();
const key = newSigner(LOG);
const at = {} as { db: TestDatabase; grant: string };

beforeAll(async () => {
  at.db = await testDatabase();
  const signer = readSigner(key.secret);
  if (!signer) throw new Error('A key that was just made can not be read.');
  await at.db.query('superuser', "insert into tenants (key, name) values ('acme', 'Acme')");
  await writeRows(at.db, 30_000); // and one that says with which key it was sealed
  const db = openDatabase({ url: at.db.url('app'), connections: 2 });
  await seal(aSealing(db, { signer, trusted: [signer.verifier] }));
  await db.close();
});
afterAll(() => at.db.drop());

const variables = () => ({ DATABASE_URL: at.db.url('app'), AUDIT_SIGNING_KEY: key.secret });
const evidence = (...words: string[]) => cli(['evidence', ...words], variables());
const window = ['--from', '2020-01-01', '--to', '2100-01-01'];
const inFolder = (name: string) => path.join(folder(), name);
/** What making a bundle leaves beside it. */
const leftovers = () => readdirSync(folder()).filter((name) => name.startsWith('.') || name.endsWith('.zip'));

describe('what is wanted', () => {
  const where = { out: path.resolve('here.zip'), force: false };
  test.each([
    {
      words: ['--from', '2026-01-01', '--to', '2026-02-01T10:30:00Z', '--tenant', 'acme', '--out', 'here.zip'],
      order: { wish: { from: new Date('2026-01-01'), to: new Date('2026-02-01T10:30:00Z'), tenant: 'acme' }, ...where },
    },
    {
      words: ['--grant', '00000000-0000-4000-8000-000000000000', '--force', '--out', 'here.zip'],
      order: { wish: { grant: '00000000-0000-4000-8000-000000000000' }, ...where, force: true },
    },
  ])('is read: $words', ({ words, order }) => expect(evidenceOrder(words)).toEqual(order));

  test('has a name of its own where none is given', () => {
    const order = evidenceOrder(['--from', '2026-01-01', '--to', '2026-02-01T10:30:00Z', '--tenant', '../acme']);
    expect(typeof order === 'string' ? order : path.basename(order.out)).toBe(
      'evidence-___acme-2026-01-01-to-2026-02-01T103000Z.zip',
    );
  });

  const needs = 'evidence needs --grant ID; or --from and --to, with --tenant for one tenant.';
  test.each([
    { words: [], why: needs },
    { words: ['--grant', 'x', ...window], why: needs },
    {
      words: ['--grant', 'acme'],
      why: '--grant: expected the id of an access, as its card and the audit trail have it.',
    },
    { words: ['--from', '2026-01-01'], why: /^--to: expected a day such as/ },
    { words: ['--tenant', 'acme'], why: /^--from: expected a day such as/ },
    { words: ['--from', '2026-02-30', '--to', '2026-03-01'], why: /^--from: expected a day such as/ },
    { words: ['--from', 'yesterday', '--to', '2026-03-01'], why: /^--from: expected a day such as/ },
    { words: ['--from', '2026-03-01', '--to', '2026-03-01'], why: '--to: expected a time after --from.' },
  ])('can not be meant: $words', ({ words, why }) =>
    expect(evidenceOrder(words)).toEqual(typeof why === 'string' ? why : expect.stringMatching(why)),
  );

  test('is said on stderr with the usage and 2 where it is wrong', async () => {
    const { code, out, err } = await evidence('--everything');
    expect({ code, out }).toEqual({ code: 2, out: [] });
    expect(err[0]).toContain("Unknown option '--everything'");
    expect((await evidence()).err[0]).toBe(needs);
  });
});

describe('breakglass evidence', () => {
  test('makes a bundle that breakglass verify verifies with nothing but the public key', async () => {
    const made = await evidence(...window, '--out', 'all.zip');
    expect(made).toMatchObject({ code: 0, err: [] });
    expect(made.out).toEqual([
      expect.stringMatching(/all\.zip: 30001 entries, proven against the signed checkpoint of 30001\.$/),
      expect.stringMatching(/^SHA-256 of its manifest: [0-9a-f]{64}$/),
    ]);
    expect(leftovers()).toEqual(['all.zip']);
    expect(statSync(inFolder('all.zip')).mode & 0o077).toBe(0);
    const verified = await cli(['verify', 'all.zip', '--key', key.verifier]);
    expect(verified).toMatchObject({ code: 0, err: [] });
    expect(verified.out.at(-1)).toBe(
      'all.zip: verified. 30001 entries, proven against the signed checkpoint of 30001.',
    );
    writeFileSync(inFolder('cut.zip'), readFileSync(inFolder('all.zip')).subarray(0, 10_000));
    expect(await cli(['verify', 'cut.zip', '--key', key.verifier])).toMatchObject({ code: 3, out: [] });
    expect(await cli(['verify', 'all.zip'])).toMatchObject({ code: 2, out: [] });
  });

  test('never writes over a file unless it is told to', async () => {
    writeFileSync(inFolder('mine.zip'), 'mine');
    const refused = await evidence(...window, '--out', 'mine.zip');
    expect(refused).toMatchObject({
      code: 1,
      out: [],
      err: [expect.stringMatching(/mine\.zip already\. Take another name with --out, or --force/)],
    });
    expect(readFileSync(inFolder('mine.zip'), 'utf8')).toBe('mine');
    expect(await evidence(...window, '--out', 'mine.zip', '--force')).toMatchObject({ code: 0 });
    expect(readFileSync(inFolder('mine.zip')).subarray(0, 2).toString()).toBe('PK');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('stopped by %s in the middle leaves nothing behind', async (signal) => {
    const before = leftovers();
    const started = begun();
    const running = start('cli', ['evidence', ...window, '--out', 'stopped.zip'], variables());
    await started;
    running.signal(signal);
    const { code, out, err } = await running.ended;
    expect({ code, out, err }).toEqual({
      code: signal === 'SIGINT' ? 130 : 143,
      out: [],
      err: ['Stopped. Nothing was made.'],
    });
    expect(leftovers()).toEqual(before);
    expect(existsSync(inFolder('stopped.zip'))).toBe(false);
  });

  test('needs the key that history is sealed with, and says so in a sentence', async () => {
    expect(await cli(['evidence', ...window], { DATABASE_URL: at.db.url('app') })).toEqual({
      ...{ code: 78, signal: null, out: [] },
      err: ['AUDIT_SIGNING_KEY: expected the key that the history is sealed with; a bundle is signed with it.'],
    });
  });

  test.each([
    { words: ['--grant', '00000000-0000-4000-8000-000000000000'], why: 'There is no such access.' },
    { words: [...window, '--tenant', 'nowhere'], why: 'There is no such tenant.' },
    {
      words: [...window, '--tenant', 'acme'],
      why: 'Nothing of it is sealed yet. A bot with AUDIT_SIGNING_KEY seals within seconds.',
    },
    {
      words: [...window, '--out', 'no/such/folder/x.zip'],
      why: /^--out: the folder .+ can't be written to\.$/,
      code: 78,
    },
  ])('says in a sentence what there is not: $words', async ({ words, why, code = 1 }) => {
    const before = leftovers();
    expect(await evidence(...words)).toMatchObject({
      code,
      out: [],
      err: [typeof why === 'string' ? why : expect.stringMatching(why)],
    });
    expect(leftovers()).toEqual(before);
  });

  test('does not sign with a key that history is not sealed with', async () => {
    const other = { ...variables(), AUDIT_SIGNING_KEY: newSigner(LOG).secret };
    expect(await cli(['evidence', ...window, '--out', 'other.zip'], other)).toMatchObject({
      ...{ code: 1, out: [] },
      err: [
        'The newest checkpoint is signed by a key that is neither AUDIT_SIGNING_KEY nor one of AUDIT_PREVIOUS_KEYS.',
      ],
    });
  });
});

/** Resolves when a bundle's first entries are on the disk. */
const begun = (): Promise<void> =>
  new Promise((resolve) => {
    const outer = watch(folder(), (_, name) => {
      if (!name?.startsWith('.evidence-') || !existsSync(inFolder(name))) return;
      outer.close();
      const entries = path.join(inFolder(name), 'entries.jsonl');
      const inner = watch(inFolder(name), () => {
        if (!existsSync(entries) || statSync(entries).size === 0) return;
        inner.close();
        resolve();
      });
    });
  });

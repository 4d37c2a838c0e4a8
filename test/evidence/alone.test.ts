import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { read } from '../docs/reading.ts';
import { aSigner } from '../support/sealing.ts';
import { aFolder, bundleOf, entryText, headOf, packed, unpacked, withLines } from './bundles.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const signer = aSigner();
const entries = Array.from({ length: 9 }, (_, n) => entryText(n, 'access.allowed', { n }));
let folder: string;

/** A folder that holds nothing but the verifier, the public key and the bundle; the verifier is built as `npm run build` does. */
beforeAll(async () => {
  folder = path.join(await aFolder(), 'empty');
  await mkdir(folder);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const [, entry = ''] =
    /^esbuild (\S+) --bundle --platform=node --target=node20 --format=cjs /.exec(String(scripts['build:verifier'])) ??
    [];
  const outfile = path.join(folder, 'breakglass-verify.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile,
  });
  const selection = {
    kind: 'window' as const,
    from: '2026-01-01T00:00:00.000Z',
    to: '2026-01-02T00:00:00.000Z',
    tenant: null,
  };
  await copyFile(
    await bundleOf({ signer, entries }, { selection, leaves: entries.map((_, i) => i) }),
    path.join(folder, 'bundle.zip'),
  );
  await writeFile(path.join(folder, 'key.txt'), `# ours\n${signer.verifier.text}\n`);
});

/** Runs it there, without our packages, variables or anything else of ours. */
async function verify(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const [where, env] = [{ cwd: folder }, { PATH: process.env.PATH ?? '' }];
  return run(process.execPath, ['breakglass-verify.cjs', ...words], { ...where, env }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  );
}

describe('the verifier by itself', () => {
  test('verifies a bundle in a folder that holds nothing else but the public key', async () => {
    expect((await readdir(folder)).sort()).toEqual(['breakglass-verify.cjs', 'bundle.zip', 'key.txt']);
    const { code, out, err } = await verify('bundle.zip', '--key-file', 'key.txt');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('bundle.zip: verified. 9 entries, proven against the signed checkpoint of 9.');
    expect((await verify('bundle.zip', '--key', signer.verifier.text)).code).toBe(0);
  });

  test('names what was changed, a line for each, with 1', async () => {
    const files = await unpacked(path.join(folder, 'bundle.zip'));
    const changed = withLines(files, 'entries.jsonl', (lines) =>
      lines.with(4, String(lines[4]).replace('"n":4', '"n":5')),
    );
    await copyFile(await packed(changed), path.join(folder, 'changed.zip'));
    const { code, out } = await verify('changed.zip', '--key-file', 'key.txt');
    expect(code).toBe(1);
    expect(out.split('\n').slice(1)).toEqual([
      'entries.jsonl, line 5, leaf 4: this entry is not what was sealed',
      'changed.zip: NOT VERIFIED. One thing is wrong.',
      '',
    ]);
    const json = JSON.parse((await verify('changed.zip', '--key-file', 'key.txt', '--json')).out);
    expect(json).toMatchObject({ verified: false, findings: [{ file: 'entries.jsonl', line: 5, leaf: 4 }] });
  });

  test('compares with checkpoints that somebody held on to', async () => {
    await writeFile(path.join(folder, 'held.txt'), headOf({ signer, entries }, 5).note);
    await writeFile(path.join(folder, 'later.txt'), headOf({ signer, entries: [...entries, 'x'] }).note);
    const good = await verify('bundle.zip', '--key-file', 'key.txt', '--checkpoint', 'held.txt');
    expect({ code: good.code, out: good.out }).toEqual({
      code: 0,
      out: expect.stringContaining('It agrees with the checkpoint that you held.'),
    });
    const older = await verify(
      'bundle.zip',
      '--key-file',
      'key.txt',
      '--checkpoint',
      'held.txt',
      '--checkpoint',
      'later.txt',
    );
    expect(older.code).toBe(1);
    expect(older.out).toContain('later.txt: the export ends before this checkpoint of 10 entries, at 9');
  });

  test.each([
    { words: ['bundle.zip'], code: 2, why: /^verify needs --key or --key-file: a public key that you trust/ },
    { words: ['bundle.zip', '--key', 'x'], code: 2, why: /^Expected a public key, name\+id\+key; found "x"\.$/m },
    { words: ['bundle.zip', 'more.zip', '--key-file', 'key.txt'], code: 2, why: /^verify needs one FILE\.$/m },
    { words: ['bundle.zip', '--trust'], code: 2, why: /^Unknown option '--trust'/ },
    { words: ['nothing.zip', '--key-file', 'key.txt'], code: 3, why: /^There is no file nothing\.zip\.$/m },
    { words: ['key.txt', '--key-file', 'key.txt'], code: 3, why: /^key\.txt is no zip, or not all of one: / },
    { words: ['bundle.zip', '--key-file', 'nowhere'], code: 3, why: /^The file nowhere can't be read\.$/m },
    {
      words: ['bundle.zip', '--key-file', 'key.txt', '--checkpoint', 'nowhere'],
      code: 3,
      why: /^The file nowhere can't be read\.$/m,
    },
  ])('$words ends with $code and says why', async ({ words, code, why }) => {
    const ended = await verify(...words);
    expect(ended).toEqual({ code, out: '', err: expect.stringMatching(why) });
    expect(ended.err).not.toMatch(/\bat .+:\d+:\d+/);
  });

  test('says how it is called where nothing was said', async () => {
    expect(await verify()).toMatchObject({
      code: 2,
      out: expect.stringContaining('Usage: node breakglass-verify.cjs FILE'),
    });
    expect((await verify('--help')).code).toBe(0);
  });
});

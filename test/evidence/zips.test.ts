import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { CannotLook } from '../../src/evidence/archive.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { aSigner } from '../support/sealing.ts';
import { aFolder, bundleOf, entryText, packed, unpacked } from './bundles.ts';

const signer = aSigner();
const entries = Array.from({ length: 6 }, (_, n) => entryText(n, 'access.allowed'));
const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-02T00:00:00.000Z', tenant: null };
let file: string;
let files: Map<string, Buffer>;
beforeAll(async () => {
  const leaves = entries.map((_, i) => i);
  file = await bundleOf({ signer, entries }, { selection: { kind: 'window', ...window }, leaves });
  files = await unpacked(file);
});

const findingsOn = async (zip: string) =>
  (await verifyBundle(zip, { keys: [signer.verifier], held: [] })).findings.map(
    ({ file: name, what }) => `${name}: ${what}`,
  );
async function written(bytes: Buffer): Promise<string> {
  const target = path.join(await aFolder(), 'raw.zip');
  await writeFile(target, bytes);
  return target;
}
const replaced = (bytes: Buffer, from: string, to: string): Buffer =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1');

describe('a zip', () => {
  // Names of the same length, so that the zip stays one.
  test.each([
    '../entries.jsn',
    '/etc/entries.x',
    'C:\\entries.txt',
    'a/../entries.j',
    '.entries.jsonl',
    'entries\u0007.json',
    'entries.jsonl/',
    'a//entries.txt',
  ])('with a file called %j is refused by that name', async (name) => {
    const odd = await packed(new Map(files).set('x'.repeat(name.length), Buffer.from('x')));
    const bytes = replaced(await readFile(odd), 'x'.repeat(name.length), name);
    const found = await findingsOn(await written(bytes));
    expect(found[0]).toMatch(/: a file of this name is in no bundle$/);
    expect(found[0]).not.toMatch(/\p{Cc}/u);
  });

  test('with two files of one name is refused by that name', async () => {
    const twice = await packed([...files, ['entries.jsonl', Buffer.from('x')]]);
    expect((await findingsOn(twice))[0]).toBe('entries.jsonl: the zip has two files of this name');
  });

  test('that calls a file by two names is refused', async () => {
    const bytes = await readFile(await packed(files));
    const at = bytes.indexOf('report.html');
    bytes.write('repork.html', at, 'latin1');
    expect(await findingsOn(await written(bytes))).toContain('report.html: the zip calls this file by two names');
  });

  test('that holds something beside its files is refused', async () => {
    const bytes = await readFile(await packed(files));
    const end = bytes.length - 22;
    const directory = bytes.readUInt32LE(end + 16);
    const hidden = Buffer.from('PK\u0003\u0004 something that another program may unpack');
    const tail = Buffer.from(bytes.subarray(directory));
    tail.writeUInt32LE(directory + hidden.length, tail.length - 22 + 16);
    const found = await findingsOn(await written(Buffer.concat([bytes.subarray(0, directory), hidden, tail])));
    expect(found).toEqual([
      expect.stringMatching(/: the zip holds something beside its files, before or after this one$/),
    ]);
  });

  test('with a comment is refused', async () => {
    const bytes = Buffer.concat([await readFile(await packed(files)), Buffer.from('hello')]);
    bytes.writeUInt16LE(5, bytes.length - 5 - 2);
    expect(await findingsOn(await written(bytes))).toContain('the zip: it has a comment');
  });

  test('that would unpack to more than its manifest says is not unpacked', async () => {
    const bomb = await packed(new Map(files).set('uses.csv', Buffer.alloc(64 * 1024 * 1024)));
    let unpackedBytes = 0;
    const watch = {
      begin: () => {},
      step: (bytes: number) => {
        unpackedBytes += bytes;
      },
    };
    const { findings } = await verifyBundle(bomb, { keys: [signer.verifier], held: [] }, watch);
    expect(findings.map(({ file: name, what }) => `${name}: ${what}`)).toEqual([
      'uses.csv: it is not what the manifest says',
    ]);
    expect(unpackedBytes).toBeLessThan(1024 * 1024);
  });

  test('that is damaged in the middle of a file names the file', async () => {
    const bytes = await readFile(file);
    const at = bytes.indexOf('report.html') + 200;
    for (let i = at; i < at + 20; i += 1) bytes[i] = (bytes[i] ?? 0) ^ 0xff;
    expect(await findingsOn(await written(bytes))).toContain('report.html: it is not what the manifest says');
  });

  test('that is not there, cut off, or none at all could not be looked at', async () => {
    const whole = await readFile(file);
    for (const bytes of [Buffer.alloc(0), Buffer.from('no zip'), whole.subarray(0, whole.length - 30)]) {
      await expect(findingsOn(await written(bytes))).rejects.toThrow(CannotLook);
    }
    await expect(findingsOn('/nowhere/bundle.zip')).rejects.toThrow(CannotLook);
  });
});

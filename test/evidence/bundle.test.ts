import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/evidence/archive.ts';
import { type Manifest, names } from '../../src/evidence/bundle.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { aSigner } from '../support/sealing.ts';
import {
  ACME,
  type Asked,
  bundleOf,
  entryText,
  GRANT,
  headOf,
  packed,
  remade,
  unpacked,
  withLines,
} from './bundles.ts';
import { historyOf, type Story, stories } from './histories.ts';

const signer = aSigner();
const RUNS = 50;
const HISTORIES = 24;

type Files = Map<string, Buffer>;
const findingsOn = async (file: string, held: string[] = []): Promise<Finding[]> =>
  (await verifyBundle(file, { keys: [signer.verifier], held: held.map((note, i) => ({ file: `held-${i}`, note })) }))
    .findings;
const findingsIn = async (files: Files): Promise<Finding[]> => findingsOn(await packed(files));

/** Histories, as many as there is time to write bundles of. */
const told = fc.sample(stories, HISTORIES);
const bundles: { story: Story; files: Files }[] = [];
beforeAll(async () => {
  for (const story of told) {
    bundles.push({ story, files: await unpacked(await bundleOf(historyOf(story, signer), story.asked)) });
  }
});

/** A bundle of some history is changed in one way; what verification says is looked at. */
const always = <T>(others: fc.Arbitrary<T>, look: (story: Story, files: Files, other: T) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.nat(HISTORIES - 1), others, async (n, other) => {
      const { story, files } = bundles[n] ?? { story: null, files: new Map() };
      if (story) await look(story, files, other);
    }),
    { numRuns: RUNS },
  );

const maybeRemade = (files: Files, again: boolean): Files => (again ? remade(files, signer) : files);
/** A place in a list of things. */
const at = (any: number, length: number): number => any % length;
const any = fc.nat();

describe('an untouched bundle', () => {
  test('never fails, packed again or not, and agrees with every checkpoint that was given out', async () => {
    for (const story of told) {
      const history = historyOf(story, signer);
      const file = await bundleOf(history, story.asked);
      const { selection, posted = [] } = story.asked;
      const tenant = selection.kind === 'window' && selection.tenant ? selection.tenant.id : null;
      const held = [...posted, story.entries.length].map((size) => headOf(history, size, tenant).note);
      expect(await findingsOn(file, held)).toEqual([]);
      expect(await findingsIn(await unpacked(file))).toEqual([]);
    }
  });
});

describe('an entry that is', () => {
  const place = fc.tuple(any, any, fc.boolean());

  test('changed is named, also where the manifest was made again', () =>
    always(place, async ({ asked }, files, [n, m, again]) => {
      const line = at(n, asked.leaves.length);
      const changed = withLines(files, names.entries, (lines) =>
        lines.with(line, String(lines[line]).replace(/"id":\d+/, `"id":${1_000 + m}`)),
      );
      const [first] = await findingsIn(maybeRemade(changed, again));
      expect(first).toEqual({
        ...{ file: names.entries, line: line + 1, leaf: asked.leaves[line] },
        what: 'this entry is not what was sealed',
      });
    }));

  test('removed is named', () =>
    always(place, async ({ asked }, files, [n, , again]) => {
      const line = at(n, asked.leaves.length);
      const changed = withLines(files, names.entries, (lines) => lines.toSpliced(line, 1));
      const [first] = await findingsIn(maybeRemade(changed, again));
      expect(first).toEqual({
        ...{ file: names.entries, line: line + 1, leaf: asked.leaves[line] },
        what: 'an entry is missing here',
      });
    }));

  test('inserted is named, new or a copy of another', () =>
    always(place, async ({ asked }, files, [n, m, again]) => {
      const line = at(n, asked.leaves.length + 1);
      const changed = withLines(files, names.entries, (lines) => {
        const copy = String(lines[at(m, lines.length)]);
        return lines.toSpliced(line, 0, again ? copy : copy.replace('"v":1', '"v":2'));
      });
      const [first] = await findingsIn(maybeRemade(changed, again));
      expect(first).toMatchObject({ file: names.entries, what: 'this entry was put in: it was never sealed' });
      expect(first?.line).toBeGreaterThan(line);
      expect(first?.line).toBeLessThanOrEqual(line + 2); // a copy beside its original: either is the one too many
    }));

  test('swapped with another is named, the first of the two', () =>
    always(place, async ({ asked }, files, [n, m, again]) => {
      const [x = 0, y = 0] = [at(n, asked.leaves.length), at(m, asked.leaves.length)].sort((a, b) => a - b);
      fc.pre(x !== y);
      const changed = withLines(files, names.entries, (lines) =>
        lines.with(x, String(lines[y])).with(y, String(lines[x])),
      );
      const [first] = await findingsIn(maybeRemade(changed, again));
      expect(first).toEqual({
        ...{ file: names.entries, line: x + 1, leaf: asked.leaves[x] },
        what: 'this entry stands in another place than it was sealed in',
      });
    }));

  test('put in the place of another together with its hash is caught by the checkpoint, and narrowed down', async () => {
    const story = { entries: Array.from({ length: 30 }, (_, n) => aText(n)) };
    const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z', tenant: null };
    const leaves = story.entries.map((_, i) => i);
    const asked = { selection: { kind: 'window' as const, ...window }, leaves, posted: [8, 16, 24] };
    const { entries } = story;
    const lie = entries.with(18, entries[18]?.replace('U0OLIVIA', 'U0OTHER') ?? '');
    const [files, theirs] = await Promise.all(
      [entries, lie].map(async (texts) => unpacked(await bundleOf({ signer, entries: texts }, asked))),
    );
    const forged = new Map(theirs);
    for (const name of [names.checkpoint, names.checkpoints, names.proof])
      forged.set(name, files?.get(name) ?? Buffer.of());
    const root = JSON.parse(String(files?.get(names.manifest))).tree.root;
    forged.set(
      names.manifest,
      Buffer.from(String(theirs?.get(names.manifest)).replace(/"root": ".*"/, `"root": "${root}"`)),
    );
    expect(await findingsIn(remade(forged, signer))).toEqual([
      {
        ...{ file: names.entries, line: null, leaf: null },
        what: 'the entries do not lead to the signed checkpoint: between leaf 16 and leaf 23 something was changed, removed, inserted or reordered',
      },
    ]);
  });
});

const aText = (n: number): string =>
  JSON.stringify({
    ...{ v: 1, id: n, at: new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().replace('Z', '000Z') },
    ...{
      action: 'access.refused',
      actor: 'slack:T0HOME:U0OLIVIA',
      tenant: null,
      grant: null,
      request_id: 'x',
      details: {},
    },
  });

/** Another sign in the place of one, of the same sort, so that what is changed keeps its shape. */
function flipped(content: Buffer, n: number): Buffer {
  const text = content.toString('latin1');
  const places = [...text.matchAll(/[0-9a-f]/g)].map(({ index }) => index);
  const place = places[at(n, places.length)] ?? 0;
  const other = /[0-8a-e]/.test(text[place] ?? '') ? String.fromCharCode(text.charCodeAt(place) + 1) : '0';
  return Buffer.from(text.slice(0, place) + other + text.slice(place + 1), 'latin1');
}

describe('a change', () => {
  test('of any file of the bundle is named, and first', () =>
    always(fc.tuple(any, any), async (_, files, [n, m]) => {
      const changeable = [...files].filter(([, content]) => /[0-9a-f]/.test(content.toString('latin1')));
      const [name, content] = changeable[at(n, changeable.length)] ?? ['', Buffer.of()];
      const [first] = await findingsIn(new Map(files).set(name, flipped(content, m)));
      expect(first?.file).toBe(name);
    }));

  test('of what proves the entries is named, also where the manifest was made again', () =>
    always(fc.tuple(any, any), async ({ asked }, files, [n, m]) => {
      const proofs = asked.selection.kind === 'grant' ? names.proofs : names.leaves;
      const which = [proofs, names.proof, names.checkpoint, names.checkpoints].filter(
        (name) => files.get(name)?.length,
      );
      const name = which[at(n, which.length)] ?? '';
      const changed = remade(new Map(files).set(name, flipped(files.get(name) ?? Buffer.of(), m)), signer);
      const { findings, remarks } = await verifyBundle(await packed(changed), { keys: [signer.verifier], held: [] });
      if (name === names.checkpoints && findings.length === 0) {
        // An earlier checkpoint's key is named by its signature alone: that one is of another key is said.
        expect(remarks).toEqual([expect.stringContaining('signed by keys that were not given')]);
        return;
      }
      expect(findings).not.toEqual([]);
      // What stands beside the entries can't be told from the entries where the manifest vouches for both.
      if (name !== names.proof) expect(findings.map(({ file }) => file)).toContain(name);
    }));

  test('of a table is named as not what the entries say, also where the manifest was made again', () =>
    always(fc.tuple(any, any), async (_, files, [n, m]) => {
      const tables = [...files].filter(
        ([name, content]) =>
          /^(requests|approvals|waivers|lifecycle|uses|reviews|attachments|policies|other)\./.test(name) &&
          content.length > 0,
      );
      const [name, content] = tables[at(n, tables.length)] ?? ['', Buffer.of()];
      const found = await findingsIn(remade(new Map(files).set(name, flipped(content, m)), signer));
      expect(found).toEqual([{ file: name, line: null, leaf: null, what: 'it says something else than the entries' }]);
    }));

  test('of the line ends of a file is named, and so is what follows its last line', () =>
    always(fc.tuple(any, fc.constantFrom('\r', ' ', '\n', 'x')), async (_, files, [n, more]) => {
      const [name, content] = [...files][at(n, files.size)] ?? ['', Buffer.of()];
      const [first] = await findingsIn(new Map(files).set(name, Buffer.concat([content, Buffer.from(more)])));
      expect(first?.file).toBe(name);
    }));
});

describe('a file that', () => {
  test('is gone is named', () =>
    always(any, async (_, files, n) => {
      const [name = ''] = [...files.keys()][at(n, files.size)] ? [[...files.keys()][at(n, files.size)]] : [];
      const rest = new Map(files);
      rest.delete(name);
      const found = await findingsIn(rest);
      expect(found[0]).toEqual({ file: name, line: null, leaf: null, what: 'it is missing' });
    }));

  test('is gone from the manifest too is named', () =>
    always(any, async (_, files, n) => {
      const keys = [...files.keys()].filter((name) => name !== names.manifest && name !== names.signature);
      const name = keys[at(n, keys.length)] ?? '';
      const rest = new Map(files);
      rest.delete(name);
      const found = await findingsIn(remade(rest, signer));
      expect(found.map(({ file }) => file)).toContain(name);
    }));

  test.each(['extra.txt', 'attachments/more.txt', 'entries.jsonl.bak'])('is too many is named: %s', async (name) => {
    await always(fc.constant(null), async (_, files) => {
      const [first] = await findingsIn(new Map(files).set(name, Buffer.from('x')));
      expect(first).toEqual({ file: name, line: null, leaf: null, what: 'it is in the zip and not in the manifest' });
    });
  });

  test('has the content of another is named, both', () =>
    always(fc.tuple(any, any), async (_, files, [n, m]) => {
      const keys = [...files.keys()];
      const [a = '', b = ''] = [keys[at(n, keys.length)], keys[at(m, keys.length)]];
      const [x, y] = [files.get(a) ?? Buffer.of(), files.get(b) ?? Buffer.of()];
      fc.pre(!x.equals(y));
      const found = await findingsIn(new Map(files).set(a, y).set(b, x));
      expect([a, b]).toContain(found[0]?.file);
    }));
});

describe('a manifest that somebody made again with the signing key', () => {
  const entries = Array.from({ length: 12 }, (_, n) => entryText(n, 'access.allowed', { n }));
  const minute = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
  const tenant = { id: ACME, key: 'acme' };
  const window = { kind: 'window' as const, from: minute(2.5), to: minute(8.5), tenant };
  const leaves = [2, 3, 4, 5, 6, 7, 8, 9];
  const said = async (asked: Asked, change: (manifest: Manifest) => Manifest): Promise<string[]> => {
    const files = await unpacked(await bundleOf({ signer, entries }, asked));
    const manifest = change(JSON.parse(String(files.get(names.manifest))));
    const again = remade(new Map(files).set(names.manifest, Buffer.from(JSON.stringify(manifest))), signer);
    return (await findingsIn(again)).map(({ file, what }) => `${file}: ${what}`);
  };

  test.each([
    { edge: 'earlier', selection: { ...window, from: minute(1.5) }, says: 'nothing shows that the window begins here' },
    { edge: 'later', selection: { ...window, to: minute(9.5) }, says: 'nothing shows that the window ends here' },
  ])('can not say of its window that it begins or ends $edge', async ({ selection, says }) => {
    expect(await said({ selection: window, leaves }, (manifest) => ({ ...manifest, selection }))).toContain(
      `entries.jsonl: ${says}`,
    );
  });

  test('can not call the entries those of another access or another tenant', async () => {
    const grant = { kind: 'grant' as const, grant: GRANT, tenant };
    const other = { ...grant, grant: '11111111-0b1e-4f70-8c57-2d9a4f6b1c01' };
    expect(
      await said({ selection: grant, leaves: [1, 4] }, (manifest) => ({ ...manifest, selection: other })),
    ).toContain('entries.jsonl: this entry is about another access');
    const foreign = { ...window, tenant: { ...tenant, id: '22222222-0b1e-4f70-8c57-2d9a4f6b1c01' } };
    const found = await said({ selection: window, leaves }, (manifest) => ({ ...manifest, selection: foreign }));
    expect(found[0]).toMatch(/^checkpoint\.txt: it is of the tree .+, expected /);
    expect(found).toContain('entries.jsonl: this entry is of another tenant');
  });

  test('can not count something else than there is', async () => {
    const more = (manifest: Manifest) => ({ ...manifest, population: { ...manifest.population, entries: 7 } });
    expect(await said({ selection: window, leaves }, more)).toEqual([
      'manifest.json: it counts something else than there is',
    ]);
  });

  test('can not name another checkpoint, or another log', async () => {
    const tree = (manifest: Manifest) => ({ ...manifest, tree: { ...manifest.tree, size: 13 } });
    expect(await said({ selection: window, leaves }, tree)).toEqual([
      'manifest.json: it names another checkpoint than checkpoint.txt',
    ]);
    const log = (manifest: Manifest) => ({ ...manifest, log: 'other.example.com' });
    expect((await said({ selection: window, leaves }, log))[0]).toBe(
      'manifest.json: it is of another log than its key: other.example.com',
    );
  });
});

import { hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll } from 'vitest';
import yauzl from 'yauzl';
import yazl from 'yazl';
import { type Manifest, manifestText, names, type Selection } from '../../src/evidence/bundle.ts';
import { signHead, tenantOrigin } from '../../src/evidence/checkpoint.ts';
import { consistencyPath, foldRight, leafHash, type Stretch, wholeBetween } from '../../src/evidence/merkle.ts';
import type { Signer } from '../../src/evidence/note.ts';
import { besides, treeReader } from '../../src/evidence/tree-reader.ts';
import { type BundleContent, writeBundle } from '../../src/evidence/write-bundle.ts';

export const ACME = '6f1c9a52-0b1e-4f70-8c57-2d9a4f6b1c01';
export const GRANT = '0d5f6a10-3c74-4a8e-9b5e-7f1e2c3d4a05';

/** A history in memory: the texts of entries, in the order of the tree. */
export interface History {
  signer: Signer;
  entries: readonly string[];
}

const homes: string[] = [];
afterAll(() => Promise.all(homes.map((home) => rm(home, { recursive: true, force: true }))));

/** A folder of the test file's own. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakglass-bundle-'));
  homes.push(folder);
  return folder;
}

/** An entry's text as the database writes it, a minute after the one before. */
export function entryText(
  n: number,
  action: string,
  details: object = {},
  of: { tenant?: string | null; grant?: string | null } = {},
) {
  const at = new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString().replace('Z', '000Z');
  const { tenant = ACME, grant = GRANT } = of;
  const [first, rest] = [
    { v: 1, id: n + 1, at, action, actor: 'slack:T0HOME:U0OLIVIA', tenant, grant },
    { request_id: `work-${n}`, details },
  ];
  return JSON.stringify({ ...first, ...rest });
}

const rootOf = (entries: readonly string[], [from, to]: Stretch): Buffer =>
  foldRight(
    wholeBetween(from, to).map(({ level, index }) => {
      let row = entries.slice(index * 2 ** level, (index + 1) * 2 ** level).map(leafHash);
      while (row.length > 1)
        row = Array.from({ length: row.length / 2 }, (_, i) => foldRight(row.slice(2 * i, 2 * i + 2)));
      return row[0] ?? Buffer.alloc(0);
    }),
  );

/** The signed head of the first so many entries. */
export function headOf({ signer, entries }: History, size = entries.length, tenant: string | null = null) {
  const origin = tenant === null ? signer.verifier.name : tenantOrigin(signer.verifier.name, tenant);
  const head = { origin, size, root: rootOf(entries, [0, size]) };
  return { head, note: signHead(head, signer) };
}

export interface Asked {
  selection: Selection;
  /** The leaves that are in it. */
  leaves: readonly number[];
  /** Earlier heads that people got, by their size. */
  posted?: readonly number[];
  contents?: Readonly<Record<string, string>>;
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

/** What a bundle of some leaves is made of. */
export async function contentOf(
  history: History,
  { selection, leaves, posted = [], contents = {} }: Asked,
): Promise<BundleContent> {
  const { entries, signer } = history;
  const tenant = selection.kind === 'window' && selection.tenant ? selection.tenant.id : null;
  const { head, note } = headOf(history, entries.length, tenant);
  const hashes = entries.map(leafHash);
  const tree = treeReader(entries.length, async ({ level, from, to }) =>
    Array.from({ length: to - from }, (_, i) =>
      rootOf(entries, [(from + i) * 2 ** level, (from + i + 1) * 2 ** level]),
    ),
  );
  const [first = 0] = leaves;
  const { left, right } = besides(first, first + leaves.length, entries.length);
  const given = await Promise.all(
    leaves.map(async (leaf) => ({
      leaf,
      hash: hashes[leaf] ?? Buffer.alloc(0),
      text: entries[leaf] ?? null,
      path: selection.kind === 'grant' ? await tree.inclusion(leaf) : [],
    })),
  );
  const byId = (ids: readonly string[]) =>
    once(ids.flatMap((id) => (id in contents ? [{ id, content: contents[id] ?? '' }] : [])));
  return {
    signer,
    selection,
    made: { at: new Date(Date.UTC(2026, 1, 1)), by: 'system:command-line' },
    ...{ head, note },
    proof:
      selection.kind === 'grant'
        ? { kind: 'inclusion' }
        : { kind: 'range', first, count: leaves.length, left: await tree.roots(left), right: await tree.roots(right) },
    entries: once(given),
    earlier: await Promise.all(
      posted.map(async (size) => ({
        note: headOf(history, size, tenant).note,
        proof: await tree.roots(consistencyPath(size, entries.length)),
      })),
    ),
    tables: {
      notices: { columns: ['notice', 'kind', 'channel'], rows: () => once([[1, 'card', 'C0ACME']]) },
      tenants: {
        columns: ['tenant', 'key', 'name'],
        rows: (tenants) => once(tenants.map((id) => [id, 'acme', 'Acme Corp'])),
      },
    },
    attachments: byId,
    policies: byId,
  };
}

/** Writes a bundle. @returns where it is */
export async function bundleOf(history: History, asked: Asked): Promise<string> {
  const folder = await aFolder();
  const target = path.join(folder, 'bundle.zip');
  await writeBundle(await contentOf(history, asked), { folder, target });
  return target;
}

/** The files of a zip, by name. */
export async function unpacked(file: string): Promise<Map<string, Buffer>> {
  const zip = await yauzl.openPromise(file, { lazyEntries: true });
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry())
    files.set(entry.fileName, await buffer(await zip.openReadStreamPromise(entry)));
  return files;
}

/** Packs files again, as anybody could. @returns where it is */
export async function packed(files: Iterable<readonly [string, Buffer]>): Promise<string> {
  const target = path.join(await aFolder(), 'again.zip');
  const zip = new yazl.ZipFile();
  for (const [name, content] of files) zip.addBuffer(content, name);
  zip.end();
  await pipeline(Readable.from(zip.outputStream), createWriteStream(target));
  return target;
}

export const sha256 = (content: string): string => hash('sha256', content);

/** The manifest as somebody would make it who holds the signing key and changed files. */
export function remade(files: Map<string, Buffer>, signer: Signer): Map<string, Buffer> {
  const manifest = JSON.parse(String(files.get(names.manifest))) as Manifest;
  const listed = manifest.files.flatMap((file) => {
    const content = files.get(file.name);
    return content ? [{ ...file, bytes: content.length, sha256: hash('sha256', content) }] : [];
  });
  const text = `${JSON.stringify({ ...manifest, files: listed }, null, 2)}\n`;
  return new Map(files)
    .set(names.manifest, Buffer.from(text))
    .set(names.signature, Buffer.from(signer.sign(manifestText(signer.verifier.name, text))));
}

/** Lines of a file, changed. */
export function withLines(
  files: ReadonlyMap<string, Buffer>,
  name: string,
  change: (lines: string[]) => string[],
): Map<string, Buffer> {
  const lines = String(files.get(name)).split('\n').slice(0, -1);
  return new Map(files).set(
    name,
    Buffer.from(
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  );
}

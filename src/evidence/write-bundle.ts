import { hash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setImmediate as pause } from 'node:timers/promises';
import {
  FORMAT,
  type Manifest,
  manifestText,
  names,
  type Selection,
  sources,
  type TableName,
  tableNames,
} from './bundle.ts';
import { type BundleProof, type EarlierLine, earlierLine, hexOf, proofLine } from './bundle-proof.ts';
import type { Head } from './checkpoint.ts';
import { type GivenContent, namedBy, writeContents } from './contents.ts';
import { controlsPage } from './controls.ts';
import { type Cell, csvLine } from './csv.ts';
import { derivation, derivedFiles, type Sink } from './derive.ts';
import { type GivenEntry, type GivenProof, heldAgainst } from './held-against.ts';
import type { Signer } from './note.ts';
import { readmeText } from './readme.ts';
import { reportOf } from './report.ts';
import { type Spools, spoolsIn } from './spool.ts';
import { writeZip } from './write-zip.ts';

/** Rows of a table that is not sealed, a chunk at a time. */
export interface GivenTable {
  columns: readonly string[];
  /** @param tenants those that the entries are about */
  rows(tenants: readonly string[]): AsyncIterable<readonly (readonly Cell[])[]>;
}

export interface BundleContent {
  signer: Signer;
  selection: Selection;
  made: { at: Date; by: string };
  /** The newest signed head of the tree, and its note. */
  head: Head;
  note: string;
  /** How the entries are proven: a stretch by what stands beside it, or each by its own path. */
  proof: GivenProof;
  entries: AsyncIterable<readonly GivenEntry[]>;
  earlier: readonly EarlierLine[];
  tables: Readonly<Record<TableName, GivenTable>>;
  attachments: (ids: readonly string[]) => AsyncIterable<readonly GivenContent[]>;
  policies: (hashes: readonly string[]) => AsyncIterable<readonly GivenContent[]>;
}

export interface Writing {
  /** An empty folder of its own, for what is written on the way. */
  folder: string;
  /** The zip, in that folder or elsewhere. */
  target: string;
  /** Told of entries as they are written. */
  step?: (entries: number) => void;
  signal?: AbortSignal;
}

export interface Written {
  /** The manifest's hash, hexadecimal. */
  manifest: string;
  files: number;
  entries: number;
}

/** Entries that are worked on before others get a turn. */
const SLICE = 250;

/**
 * Writes a bundle: one pass over the entries into files of a folder, then the zip from these. Memory does not grow with
 * the entries. What it is given is proven before it is signed.
 * @throws HistoryChanged where the entries don't lead to the signed head
 */
export async function writeBundle(content: BundleContent, writing: Writing): Promise<Written> {
  const spools = spoolsIn(writing.folder);
  try {
    const manifest = await writeFiles(content, spools, writing);
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    const log = content.signer.verifier.name;
    await spools.put(names.manifest, sources.page, text);
    await spools.put(names.signature, sources.page, content.signer.sign(manifestText(log, text)));
    const files = await spools.end();
    await writeZip(files, spools, content.made.at, writing);
    return { manifest: hash('sha256', text), files: files.length, entries: manifest.population.entries };
  } catch (error) {
    await spools.end().catch(() => {});
    await rm(writing.target, { force: true });
    throw error;
  }
}

async function writeFiles(content: BundleContent, spools: Spools, writing: Writing): Promise<Manifest> {
  const { selection, head, signer } = content;
  const { named, population, report } = await writeEntries(content, spools, writing);
  await spools.put(names.proof, sources.sealed, `${JSON.stringify(proofOf(content), null, 2)}\n`);
  await spools.put(names.checkpoint, sources.sealed, content.note);
  await spools.put(names.checkpoints, sources.sealed, content.earlier.map(earlierLine).join(''));
  for (const table of tableNames) await writeTable(table, content.tables[table], [...named.tenants], spools);
  await writeContents(named.attachments, content.attachments, spools);
  await writeContents(named.policies, content.policies, spools);
  const manifest: Omit<Manifest, 'files'> = {
    ...{ format: FORMAT, log: signer.verifier.name, selection },
    made: { at: content.made.at.toISOString(), by: content.made.by },
    tree: { origin: head.origin, size: head.size, root: head.root.toString('base64') },
    population,
  };
  await spools.put(names.report, sources.page, report(manifest));
  await spools.put(names.controls, sources.page, controlsPage(manifest));
  await spools.put(names.readme, sources.page, readmeText(manifest, signer.verifier));
  return { ...manifest, files: await spools.end() };
}

/** The entries, what places them, and all that follows from them. */
async function writeEntries(content: BundleContent, spools: Spools, writing: Writing) {
  const { selection, proof, head, signer } = content;
  const isRange = proof.kind === 'range';
  const texts = await spools.open(names.entries, sources.sealed);
  const places = await spools.open(isRange ? names.leaves : names.proofs, sources.sealed);
  const sinks = new Map<string, Sink>();
  for (const file of derivedFiles) sinks.set(file, await spools.open(file, sources.derived));
  const derived = derivation(selection, (file) => sinks.get(file) ?? nowhere);
  const report = reportOf(signer.verifier);
  const named = namedBy(selection);
  const held = heldAgainst(proof, head);
  const add = (given: GivenEntry): void => {
    const text = held.add(given);
    texts.write(`${text}\n`);
    places.write(isRange ? `${given.hash.toString('hex')}\n` : proofLine(given));
    const entry = derived.add(given.leaf, text);
    if (entry === null) return;
    report.add(entry);
    named.add(entry, given.leaf);
  };
  for await (const chunk of content.entries) {
    for (let at = 0; at < chunk.length; at += SLICE) {
      const slice = chunk.slice(at, at + SLICE);
      for (const given of slice) add(given);
      writing.step?.(slice.length);
      await spools.drain();
      await pause();
      writing.signal?.throwIfAborted();
    }
  }
  held.end();
  return { named, population: derived.population(), report: report.page };
}

const nowhere: Sink = { write: () => {} };

function proofOf({ proof, head }: BundleContent): BundleProof {
  const { origin, size } = head;
  if (proof.kind === 'inclusion') return { kind: proof.kind, origin, size };
  const { first, count, left, right } = proof;
  return { kind: proof.kind, origin, size, first, count, left: hexOf(left), right: hexOf(right) };
}

async function writeTable(
  name: TableName,
  { columns, rows }: GivenTable,
  tenants: readonly string[],
  spools: Spools,
): Promise<void> {
  const jsonl = await spools.open(`${name}.jsonl`, sources.table);
  const csv = await spools.open(`${name}.csv`, sources.table);
  csv.write(csvLine(columns));
  for await (const chunk of rows(tenants)) {
    for (const row of chunk) {
      jsonl.write(`${JSON.stringify(Object.fromEntries(columns.map((column, i) => [column, row[i] ?? null])))}\n`);
      csv.write(csvLine(row));
    }
    await spools.drain();
    await pause();
  }
}

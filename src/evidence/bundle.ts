import { hash } from 'node:crypto';
import { isRecord, recordIn, textOf } from './entry.ts';
import { type PartName, partNames } from './parts.ts';

/** What is in a bundle of evidence, and under which names (docs/evidence.md, docs/adr/0015-evidence-bundle.md). */
export const FORMAT = 'breakglass-evidence/1';

export interface NamedTenant {
  id: string;
  key: string;
}

/** What somebody asked for. Times are ISO 8601 in UTC; `to` itself is not in the window. */
export type Selection =
  | { kind: 'grant'; grant: string; tenant: NamedTenant }
  | { kind: 'window'; from: string; to: string; tenant: NamedTenant | null };

/** What vouches for a file, beside the manifest's signature. */
export const sources = {
  /** The audit entries and what proves them: by the signed checkpoint. */
  sealed: 'sealed',
  /** Follows from the entries alone: whoever verifies makes it again. */
  derived: 'derived from the entries',
  /** Its hash stands in an entry. */
  hashed: 'hashed in an entry',
  /** As the database had it when the bundle was made. */
  table: 'a table, not sealed',
  /** Written for people when the bundle was made. */
  page: 'a page for people',
} as const;
export type Source = (typeof sources)[keyof typeof sources];

export interface BundleFile {
  name: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  source: Source;
}

/** How much there is, so that nobody has to believe that it is all. */
export interface Population {
  /** Entries that were asked for, and those beside them that show where the window ends. */
  entries: number;
  beside: number;
  first_at: string | null;
  last_at: string | null;
  by_part: Record<PartName, number>;
  by_action: Record<string, number>;
}

export interface Manifest {
  format: string;
  log: string;
  selection: Selection;
  made: { at: string; by: string };
  /** The tree that the entries are proven against; its root in base64, as in the checkpoint. */
  tree: { origin: string; size: number; root: string };
  population: Population;
  files: BundleFile[];
}

export const names = {
  readme: 'README.txt',
  manifest: 'manifest.json',
  signature: 'manifest.sig.txt',
  report: 'report.html',
  controls: 'controls.html',
  entries: 'entries.jsonl',
  leaves: 'leaves.txt',
  proof: 'proof.json',
  proofs: 'proofs.jsonl',
  checkpoint: 'checkpoint.txt',
  checkpoints: 'checkpoints.jsonl',
} as const;
export const tableNames = ['notices', 'tenants'] as const;
export type TableName = (typeof tableNames)[number];

/** Bytes and numbers that no bundle of ours exceeds; whoever verifies reads no more. */
export const limits = {
  manifest: 128 * 1024 * 1024,
  small: 1024 * 1024,
  files: 500_000,
  line: 16 * 1024 * 1024,
} as const;
/** Earlier checkpoints in a bundle: the newest of them. */
export const EARLIER_CHECKPOINTS = 1_000;

export const attachmentName = (id: string, kind: string): string =>
  `attachments/${id}.${kind.startsWith('snapshot') ? 'json' : 'txt'}`;
export const policyName = (hash: string): string => `policies/${hash}.yml`;

/** One name, or a folder and a name: nothing that leads elsewhere, on any system. */
export const isBundleName = (name: string): boolean =>
  name.length <= 200 && /^([A-Za-z0-9][A-Za-z0-9_-]*\/)?[A-Za-z0-9][A-Za-z0-9_-]*\.[a-z0-9.]*[a-z0-9]$/.test(name);

/** The files that a bundle of its kind has in any case, but for the manifest and its signature. */
export const filesOf = (kind: Selection['kind']): string[] => [
  ...[names.readme, names.report, names.controls, names.entries, names.proof, names.checkpoint, names.checkpoints],
  kind === 'grant' ? names.proofs : names.leaves,
  ...[...partNames, ...tableNames].flatMap((name) => [`${name}.jsonl`, `${name}.csv`]),
];

/** What is signed of a manifest: its hash, under a name that no checkpoint can have. */
export const manifestText = (log: string, manifest: string | Buffer): string =>
  `${log}/manifest\n${hash('sha256', manifest, 'base64')}\n`;

/** An entry's time is in the window, or a window was not asked for. */
export function isMeant(selection: Selection, at: string): boolean {
  if (selection.kind === 'grant') return true;
  return at >= inMicroseconds(selection.from) && at < inMicroseconds(selection.to);
}

/** As the entries write a time: texts compare as times do. */
export const inMicroseconds = (iso: string): string => iso.replace(/\.(\d{3})Z$/, '.$1000Z');

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isMoment = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
const isHash = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);

/** Reads a manifest; null where it is none of this format. What it says of the entries is compared elsewhere. */
export function readManifest(text: string): Manifest | null {
  const { format, log, selection, made, tree, population, files } = recordIn(text);
  const read = {
    selection: readSelection(selection),
    population: readPopulation(population),
    files: Array.isArray(files) ? files.map(readFile) : [],
  };
  const isOurs = format === FORMAT && typeof log === 'string' && read.files.length > 0;
  if (!isOurs || !read.selection || !read.population || !isRecord(made) || !isRecord(tree)) return null;
  if (!read.files.every((file) => file !== null) || !isCount(tree.size)) return null;
  return {
    ...{ format, log, selection: read.selection, files: read.files },
    made: { at: textOf(made.at) ?? '', by: textOf(made.by) ?? '' },
    tree: { origin: textOf(tree.origin) ?? '', size: tree.size, root: textOf(tree.root) ?? '' },
    population: read.population,
  };
}

function readPopulation(value: unknown): Population | null {
  if (!isRecord(value) || !isRecord(value.by_part) || !isRecord(value.by_action)) return null;
  const { entries, beside, by_part: parts, by_action: actions } = value;
  const byPart = partNames.map((name) => [name, parts[name]] as const);
  const byAction = Object.entries(actions);
  const counted = [...byPart, ...byAction].every(([, count]) => isCount(count));
  if (!isCount(entries) || !isCount(beside) || !counted) return null;
  return {
    ...{ entries, beside, first_at: textOf(value.first_at) ?? null, last_at: textOf(value.last_at) ?? null },
    by_part: Object.fromEntries(byPart.map(([name, count]) => [name, Number(count)])) as Record<PartName, number>,
    by_action: Object.fromEntries(byAction.map(([name, count]) => [name, Number(count)])),
  };
}

function readSelection(value: unknown): Selection | null {
  if (!isRecord(value)) return null;
  const tenant = value.tenant === null ? null : readTenant(value.tenant);
  if (value.kind === 'grant' && tenant && typeof value.grant === 'string') {
    return { kind: 'grant', grant: value.grant, tenant };
  }
  const isWindow = value.kind === 'window' && isMoment(value.from) && isMoment(value.to);
  if (!isWindow || (tenant === null && value.tenant !== null)) return null;
  return { kind: 'window', from: String(value.from), to: String(value.to), tenant };
}

const readTenant = (value: unknown): NamedTenant | null =>
  isRecord(value) && typeof value.id === 'string' && typeof value.key === 'string'
    ? { id: value.id, key: value.key }
    : null;

function readFile(value: unknown): BundleFile | null {
  if (!isRecord(value)) return null;
  const { name, bytes, sha256, source } = value;
  const known = Object.values(sources).find((each) => each === source);
  if (typeof name !== 'string' || !isBundleName(name) || !isCount(bytes) || !isHash(sha256) || !known) return null;
  return { name, bytes, sha256, source: known };
}

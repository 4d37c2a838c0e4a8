import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { reachableTemporary } from '../src/store/embedded/binaries.ts';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../src/store/embedded/bootstrap.ts';
import type { EmbeddedOptions } from '../src/store/embedded/server.ts';

/** One line of a result. A figure without a limit is told and judges nothing. */
export interface Figure {
  what: string;
  measured: string;
  limit: string;
  holds: boolean | null;
}

export interface Measurement {
  name: string;
  /** What is measured and how, in a sentence or two for whoever reads the results. */
  how: string;
  /** What is known of a limit that is missed, where one is. */
  whyMissed?: string;
  measure(bench: Bench): Promise<Measured>;
}

export interface Measured {
  figures: Figure[];
  /** The version of the PostgreSQL it was measured on. */
  postgres: string;
}

/** What a measurement works with. Whatever it opens it hands over at once, so that nothing outlives the run. */
export interface Bench {
  onEnd(close: () => Promise<unknown>): void;
  say(progress: string): void;
}

export const atLeast = (what: string, value: number, limit: number, unit = ''): Figure => ({
  what,
  measured: `${rounded(value)}${unit}`,
  limit: `>= ${limit}${unit}`,
  holds: value >= limit,
});

export const atMost = (what: string, value: number, limit: number, unit = ''): Figure => ({
  what,
  measured: `${rounded(value)}${unit}`,
  limit: `<= ${limit}${unit}`,
  holds: value <= limit,
});

export const isSo = (what: string, measured: string, limit: string, holds: boolean): Figure => ({
  what,
  measured,
  limit,
  holds,
});

export const told = (what: string, value: number | string, unit = ''): Figure => ({
  what,
  measured: `${typeof value === 'number' ? rounded(value) : value}${unit}`,
  limit: '',
  holds: null,
});

const rounded = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** The smallest value that so many of a hundred do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

export const median = (values: readonly number[]): number => percentile(values, 50);

export interface Pair {
  ours: number;
  theirs: number;
  /** Of each round's two figures: what the machine did meanwhile concerns both. */
  ratio: number;
  rounds: string;
}

/** Measures two things in turn, so many times and in changing order, after one round of each that does not count. */
export async function inTurn(
  rounds: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Pair> {
  const measured: { ours: number; theirs: number }[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % 2 === 0 ? await ours() : null;
    const other = await theirs();
    const pair = { ours: first ?? (await ours()), theirs: other };
    if (round > 0) measured.push(pair);
  }
  const ratios = measured.map((each) => each.ours / each.theirs);
  return {
    ours: median(measured.map((each) => each.ours)),
    theirs: median(measured.map((each) => each.theirs)),
    ratio: median(ratios),
    rounds: ratios.map((ratio) => ratio.toFixed(2)).join(', '),
  };
}

/** How many of these are done in a second, so many side by side. */
export async function perSecond<T>(pieces: readonly T[], atOnce: number, work: (piece: T) => Promise<unknown>) {
  const queue = [...pieces];
  const began = performance.now();
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return pieces.length / ((performance.now() - began) / 1000);
}

/** A folder that PostgreSQL's user can enter, gone at the end. */
export async function aFolder(bench: Bench): Promise<string> {
  const folder = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-bench-'));
  bench.onEnd(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o711);
  return folder;
}

/** A migrated PostgreSQL of our own, gone at the end. */
export async function aDatabase(
  bench: Bench,
  options: Omit<EmbeddedOptions, 'dataDir'> = {},
): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({ dataDir: await aFolder(bench), ...options });
  bench.onEnd(database.server.stop);
  return database;
}

/** A session that is closed at the end. */
export async function aSession(bench: Bench, connectionString: string): Promise<pg.Client> {
  const session = new pg.Client({ connectionString });
  session.on('error', () => {}); // a server that stops first ends it
  await session.connect();
  bench.onEnd(() => session.end().catch(() => {}));
  return session;
}

export async function versionOf(session: pg.Client): Promise<string> {
  const { rows } = await session.query<{ server_version: string }>('show server_version');
  return rows[0]?.server_version ?? 'of an unknown version';
}

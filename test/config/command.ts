import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, vi } from 'vitest';
import { reachableTemporary } from '../../src/store/embedded/binaries.ts';

/** How a command went. Lines without the last, empty one. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string[];
  err: string[];
}

export interface Running {
  /** The first line of stdout with this in it, said before or after the call. */
  said(what: string): Promise<string>;
  signal(name: NodeJS.Signals): void;
  ended: Promise<Ended>;
}

type Variables = Readonly<Record<string, string>>;

const root = fileURLToPath(new URL('../..', import.meta.url));
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/**
 * Runs commands as a shell would, in an empty folder: no configuration or data of the checkout gets in their way.
 * Only the variables given are set. Whatever still runs after the tests of a file is killed.
 */
export function commands() {
  vi.setConfig({ testTimeout: 180_000 }); // processes on a busy machine
  let folder = '';
  const children = new Set<ChildProcess>();
  beforeAll(async () => {
    folder = mkdtempSync(path.join(await reachableTemporary(), 'breakglass-config-'));
    chmodSync(folder, 0o711); // PostgreSQL may run as another user, which has to pass through
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (entry: 'cli' | 'main', words: readonly string[], variables: Variables): Running => {
    const tsx = import.meta.resolve('tsx');
    const child = spawn(process.execPath, ['--import', tsx, path.join(root, 'src', `${entry}.ts`), ...words], {
      cwd: folder,
      env: { PATH: process.env.PATH, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.add(child);
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk: Buffer) => {
      output.out += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output.err += chunk.toString();
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => {
        children.delete(child);
        resolve({ code, signal, out: linesOf(output.out), err: linesOf(output.err) });
      });
    });
    const reader = createInterface({ input: child.stdout });
    const said = (what: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const known = linesOf(output.out).find((line) => line.includes(what));
        if (known !== undefined) return resolve(known);
        reader.on('line', (line) => {
          if (line.includes(what)) resolve(line);
        });
        child.once('close', (code) => reject(new Error(`ended with ${code} before saying ${what}: ${output.err}`)));
      });
    return { said, signal: (name) => void child.kill(name), ended };
  };

  return {
    folder: () => folder,
    start,
    cli: (words: readonly string[], variables: Variables = {}) => start('cli', words, variables).ended,
    main: (variables: Variables) => start('main', [], variables).ended,
  };
}

/** Processes that carry this in their environment or their command line. Needs /proc. */
export const processesWith = (mark: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    return ['environ', 'cmdline'].some((name) => {
      try {
        return readFileSync(`/proc/${pid}/${name}`, 'utf8').includes(mark);
      } catch {
        return false; // gone meanwhile, or somebody else's
      }
    });
  });

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { type BundleCommand, type BundleMaking, type BundleOutcome, makeBundle } from './make-bundle.ts';

/** A bundle in a file that is there until it is let go. */
export interface ReadyBundle {
  kind: 'ready';
  file: string;
  bytes: number;
  /** A name to save it by. */
  name: string;
  outcome: Extract<BundleOutcome, { kind: 'made' }>;
  letGo(): Promise<void>;
}

export type DeskOutcome =
  | ReadyBundle
  | Exclude<BundleOutcome, { kind: 'made' }>
  /** Others are being made in this process. */
  | { kind: 'busy' }
  /** There is no key to sign it with. */
  | { kind: 'no_key' };

/** Bundles that are made at once in a process: each takes a reading of the database, and work between its answers. */
const AT_ONCE = 2;

/** Whoever asks for one after another has the last one's end before it is noticed here, which is waited for (ms). */
const NOTICED_WITHIN_MS = 2_000;

/** Where the doors have bundles made. */
export interface BundleDesk {
  make(command: BundleCommand, requestId: string, signal?: AbortSignal): Promise<DeskOutcome>;
}

/** @param parts null where there is no key to sign with */
export function bundleDesk(parts: BundleMaking | null): BundleDesk {
  // Whoever has one has it until it is sent: nobody fills the disk, or keeps the others from theirs.
  const held = new Map<string, 'being made' | Promise<void>>();
  return {
    make: async (command, requestId, signal) => {
      if (parts === null) return { kind: 'no_key' };
      const { actor } = command;
      const own = held.get(actor);
      if (own instanceof Promise) await Promise.race([own, pass(NOTICED_WITHIN_MS, undefined, { ref: false })]);
      if (held.size >= AT_ONCE || held.has(actor)) return { kind: 'busy' };
      held.set(actor, 'being made');
      const done = () => void held.delete(actor);
      const leaving = ({ letGo }: ReadyBundle) => {
        let noticed = () => {};
        held.set(actor, new Promise((resolve) => (noticed = resolve)));
        return () => letGo().finally(done).finally(noticed);
      };
      try {
        const outcome = await makeIn(parts, command, requestId, signal);
        if (outcome.kind === 'ready') return { ...outcome, letGo: leaving(outcome) };
        done();
        return outcome;
      } catch (error) {
        done();
        throw error;
      }
    },
  };
}

async function makeIn(
  making: BundleMaking,
  command: BundleCommand,
  requestId: string,
  signal?: AbortSignal,
): Promise<DeskOutcome> {
  const folder = await mkdtemp(path.join(tmpdir(), 'breakglass-evidence-'));
  const letGo = () => rm(folder, { recursive: true, force: true });
  try {
    const file = path.join(folder, 'bundle.zip');
    const writing = { folder, target: file, ...(signal ? { signal } : {}) };
    const outcome = await makeBundle(making, command, writing, requestId);
    if (outcome.kind === 'made') {
      const { size: bytes } = await stat(file);
      return { kind: 'ready', file, bytes, name: nameOf(outcome), outcome, letGo };
    }
    await letGo();
    return outcome;
  } catch (error) {
    await letGo();
    throw error;
  }
}

function nameOf({ selection }: Extract<BundleOutcome, { kind: 'made' }>): string {
  if (selection.kind === 'grant') return `evidence-${selection.grant}.zip`;
  const tenant = selection.tenant === null ? '' : `${selection.tenant.key.replace(/[^a-z0-9-]/gi, '_')}-`;
  return `evidence-${tenant}${selection.from.slice(0, 10)}-to-${selection.to.slice(0, 10)}.zip`;
}

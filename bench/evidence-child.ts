import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readSigner, readVerifier } from '../src/evidence/note.ts';
import { verifyBundle } from '../src/evidence/verify-bundle.ts';
import { openDatabase } from '../src/store/database.ts';
import { openReading } from '../src/store/reading.ts';
import { makeBundle } from '../src/usecases/make-bundle.ts';

/**
 * Makes or verifies a bundle in a process of its own, so that its memory can be told. Arguments: `make URL SECRET FOLDER`
 * or `verify KEY FILE`. Says on stdout, as JSON, what it took.
 */
const [what, ...words] = process.argv.slice(2);
const megabytes = (bytes: number): number => bytes / 1024 / 1024;

async function make(url: string, secret: string, folder: string): Promise<number> {
  const signer = readSigner(secret);
  if (!signer) throw new Error('No key.');
  const db = openDatabase({ url, connections: 1 });
  await db.acrossTenants('bench', (tx) => tx.tenant.count());
  const reading = await openReading(url);
  await reading.close();
  const idle = process.memoryUsage.rss();
  await mkdir(folder);
  const outcome = await makeBundle(
    { db, openReading: () => openReading(url), sealing: { signer, trusted: [signer.verifier] } },
    {
      wish: { from: new Date('2000-01-01'), to: new Date('2100-01-01'), tenant: null },
      ...{ actor: 'system:command-line', sight: null, key: null },
    },
    { folder, target: path.join(folder, 'bundle.zip') },
    'bench',
  );
  await db.close();
  if (outcome.kind !== 'made') throw new Error(`Not made: ${JSON.stringify(outcome)}`);
  return idle;
}

async function verify(key: string, file: string): Promise<number> {
  const verifier = readVerifier(key);
  if (!verifier) throw new Error('No key.');
  const idle = process.memoryUsage.rss();
  const { findings } = await verifyBundle(file, { keys: [verifier], held: [] });
  if (findings.length > 0) throw new Error(`Not verified: ${JSON.stringify(findings.slice(0, 3))}`);
  return idle;
}

const began = performance.now();
const [first = '', second = '', third = ''] = words;
const idle = what === 'make' ? await make(first, second, third) : await verify(first, second);
const seconds = (performance.now() - began) / 1_000;
// The most that it ever had, as the kernel counted it (kilobytes).
const peak = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ seconds, idle: megabytes(idle), above: megabytes(peak - idle) }));

import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { newSigner, readSigner } from '../src/evidence/note.ts';
import { sealHistory } from '../src/usecases/seal.ts';
import { aDatabase, aFolder, atMost, type Measured, type Measurement, told, versionOf } from './harness.ts';
import { anOffice, configurationOf } from './office.ts';
import { aSealer, writeRows } from './seal.ts';

const HISTORY = 1_000_000;
const run = promisify(execFile);
const child = fileURLToPath(new URL('evidence-child.ts', import.meta.url));

interface Took {
  seconds: number;
  /** Megabytes: at rest, and the most above that. */
  idle: number;
  above: number;
}

/** What it takes to make a bundle of evidence, and to verify it: time, and memory that does not grow. */
export const evidence: Measurement = {
  name: 'evidence',
  how: `${HISTORY.toLocaleString('en-US')} sealed audit rows of 20 tenants are made into one bundle, every row with its proof and in its tables, and that is verified with the public key alone; each in a process of its own, whose largest resident memory is what the kernel counted, against what it had when it was connected and idle.`,
  measure: async (bench): Promise<Measured> => {
    const { server } = await aDatabase(bench, { settings: { max_wal_size: '8GB', checkpoint_timeout: '1h' } });
    const office = await anOffice(bench, server, 'evidence', configurationOf(20, 50));
    const key = newSigner('bench.example.com');
    const signer = readSigner(key.secret);
    if (!signer) throw new Error('No key.');
    await writeRows(office, HISTORY, bench);
    await sealHistory({ ...aSealer(office), signer, trusted: [signer.verifier] }, 'bench');
    await office.admin.query('vacuum analyze');
    bench.say('sealed');
    const folder = path.join(await aFolder(bench), 'evidence');
    const made = await inProcess('make', server.url('evidence', 'breakglass_app'), key.secret, folder);
    const file = path.join(folder, 'bundle.zip');
    const { size } = await stat(file);
    bench.say(`made in ${Math.round(made.seconds)} s`);
    const verified = await inProcess('verify', key.verifier, file);
    return {
      figures: [
        atMost(`making it: memory above idle`, made.above, 150, ' MB'),
        atMost('verifying it', verified.seconds, 60, ' s'),
        atMost('verifying it: memory above idle', verified.above, 150, ' MB'),
        told('making it', made.seconds, ' s'),
        told('rows made', HISTORY / made.seconds, ' /s'),
        told('rows verified', HISTORY / verified.seconds, ' /s'),
        told('memory when idle', made.idle, ' MB'),
        told('the bundle', size / 1024 / 1024, ' MB'),
      ],
      postgres: await versionOf(office.admin),
    };
  },
};

async function inProcess(...words: string[]): Promise<Took> {
  const { stdout } = await run(process.execPath, ['--import', 'tsx', child, ...words]);
  return JSON.parse(stdout);
}

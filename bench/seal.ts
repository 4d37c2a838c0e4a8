import { inclusionPath, rootFromInclusion } from '../src/evidence/merkle.ts';
import { newSigner, readSigner } from '../src/evidence/note.ts';
import { blocksFor, rootsFrom } from '../src/evidence/proofs.ts';
import { openChecks } from '../src/store/checks/open.ts';
import { openReading } from '../src/store/reading.ts';
import { newestCheckpoint, readBlocks } from '../src/store/seal.ts';
import { check } from '../src/usecases/check.ts';
import { type Sealing, sealHistory } from '../src/usecases/seal.ts';
import { verifyHistory } from '../src/usecases/verify-history.ts';
import {
  aDatabase,
  atLeast,
  atMost,
  type Bench,
  isSo,
  type Measured,
  type Measurement,
  median,
  percentile,
  perSecond,
  told,
  versionOf,
} from './harness.ts';
import { anOffice, configurationOf, type Office } from './office.ts';

const HISTORY = 1_000_000;
const SLICE = 100_000;
const PROOFS = 300;
const CHECKS = 60_000;
const AT_ONCE = 64;
const SMALL = 1_000;
const ROUNDS = 7;

/** What it costs to seal history, to prove an entry, and to verify all of it. */
export const sealing: Measurement = {
  name: 'seal',
  how: `${HISTORY.toLocaleString('en-US')} audit rows of 20 tenants, written by the database's own trigger, are sealed in one go; then ${PROOFS} entries anywhere among them are proven, ${SMALL.toLocaleString('en-US')} further rows sealed ${ROUNDS} times (against the same with an empty history), and everything is verified. The rate of checks is that of ${AT_ONCE} callers in this process, each answer with its row.`,
  measure: async (bench): Promise<Measured> => {
    const { server } = await aDatabase(bench, { settings: { max_wal_size: '8GB', checkpoint_timeout: '1h' } });
    const yaml = configurationOf(20, 50);
    const young = await anOffice(bench, server, 'young', yaml);
    const office = await anOffice(bench, server, 'sealed', yaml);
    const sealer = aSealer(office);
    const few = await smallBatches(young, aSealer(young));
    await writeRows(office, HISTORY, bench);
    const began = performance.now();
    const sealed = await sealHistory(sealer, 'bench');
    const seconds = (performance.now() - began) / 1_000;
    if (sealed.kind !== 'sealed' || sealed.rows < HISTORY) throw new Error(`Not sealed: ${JSON.stringify(sealed)}`);
    bench.say(`${sealed.rows.toLocaleString('en-US')} rows sealed`);
    await office.admin.query('vacuum analyze');
    const many = await smallBatches(office, sealer);
    const proofs = await proofTimes(office);
    const rate = await rateOfChecks(office, server.url('sealed', 'breakglass_app'));
    await sealHistory(sealer, 'bench');
    const verified = await verifyAll(server.url('sealed', 'breakglass_app'), sealer);
    return {
      figures: [
        atLeast('rows sealed a second against checks answered a second', sealed.rows / seconds / rate, 1, ' x'),
        atMost(
          `sealing ${SMALL} rows behind ${HISTORY.toLocaleString('en-US')} against an empty history`,
          many / few,
          1.5,
          ' x',
        ),
        atMost(`inclusion proof, p99 of ${PROOFS}`, percentile(proofs, 99), 100, ' ms'),
        atMost('verifying everything', verified.seconds, 60, ' s'),
        isSo('what verifying found', verified.findings, 'nothing', verified.findings === 'nothing'),
        told('rows sealed', sealed.rows / seconds, ' /s'),
        told('checks answered', rate, ' /s'),
        told('inclusion proof, median', median(proofs), ' ms'),
        told(`sealing ${SMALL} rows`, many, ' ms'),
        told('entries verified', verified.entries / verified.seconds, ' /s'),
      ],
      postgres: await versionOf(office.admin),
    };
  },
};

export function aSealer({ context }: Office): Sealing {
  const signer = readSigner(newSigner('bench.example.com').secret);
  if (!signer) throw new Error('No key.');
  let kept: string | null = null;
  return {
    ...{ db: context.db, signer, trusted: [signer.verifier], channels: () => ({ security: 'C0SECURITY' }) },
    kept: {
      note: () => kept,
      keep: async (note) => {
        kept = note;
      },
    },
  };
}

/** As answers to checks are written: a tenant, an action, who and what. */
export async function writeRows({ admin }: Office, count: number, bench: Bench): Promise<void> {
  await admin.query('set synchronous_commit = off');
  for (let from = 1; from <= count; from += SLICE) {
    await admin.query(
      `with t as (select array_agg(id order by key) as ids from tenants)
       insert into audit_events (action, actor, tenant_id, request_id, details)
       select 'access.denied', 'key:documents', t.ids[1 + n % cardinality(t.ids)], 'work-' || n,
         jsonb_build_object('evaluation', gen_random_uuid(), 'subject', 'slack:T0HOME:U0OPERATOR' || n % 50, 'action', 'content.read',
           'tenant', 'tenant-' || n % 20, 'resource', jsonb_build_object('type', 'document', 'id', 'doc-' || n), 'reason', 'no_active_grant',
           'missing', '["content_access"]'::jsonb, 'context_request_id', 'work-' || n)
         from generate_series($1::int, $2::int) n, t`,
      [from, Math.min(count, from + SLICE - 1)],
    );
    if (count > SLICE) bench.say(`${Math.min(count, from + SLICE - 1).toLocaleString('en-US')} rows`);
  }
}

/** @returns milliseconds, the median of some rounds */
async function smallBatches(office: Office, sealer: Sealing): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    await writeRows(office, SMALL, { say: () => {}, onEnd: () => {} });
    const began = performance.now();
    await sealHistory(sealer, 'bench');
    if (round > 0) times.push(performance.now() - began);
  }
  return median(times);
}

/** Each proof is read, put together and compared with the signed root. Milliseconds. */
async function proofTimes({ context: { db } }: Office): Promise<number[]> {
  const head = await db.acrossTenants('bench', newestCheckpoint);
  if (!head) throw new Error('Nothing is sealed.');
  const times: number[] = [];
  for (let n = 0; n < PROOFS; n += 1) {
    const leaf = Math.floor(Math.random() * head.size);
    const began = performance.now();
    const stretches = inclusionPath(leaf, head.size);
    const blocks = [{ level: 0, from: leaf, to: leaf + 1 }, ...blocksFor(stretches)];
    const [own, ...hashes] = await db.acrossTenants('bench', (tx) => readBlocks(tx, null, blocks));
    const path = rootsFrom(stretches, hashes);
    const root = path && own?.[0] ? rootFromInclusion(leaf, head.size, own[0], path) : null;
    times.push(performance.now() - began);
    if (!root?.equals(head.root)) throw new Error(`Entry ${leaf} is not proven.`);
  }
  return times;
}

async function rateOfChecks({ context }: Office, url: string): Promise<number> {
  const checks = openChecks({ url });
  const desk = { checks, inForce: context.inForce, defaultIssuer: null, used: () => {} };
  const pieces = Array.from({ length: CHECKS }, (_, n) => n);
  const rate = await perSecond(pieces, AT_ONCE, async (n) => {
    const question = {
      ...{ subject: `slack:T0HOME:U0OPERATOR${n % 50}`, action: 'content.read', actionProperties: {} },
      ...{ resource: { type: 'document', id: `doc-${n}` }, resourceProperties: {}, tenant: `tenant-${n % 20}` },
      contextRequestId: null,
    };
    const asked = { questions: [question], semantic: 'execute_all' as const };
    const [outcome] = await check(desk, { person: 'slack:T0HOME:U0ANNA' }, asked, `check-${n}`);
    if (!outcome || 'failure' in outcome) throw new Error('A check was not answered.');
  });
  await checks.close();
  return rate;
}

async function verifyAll(url: string, { trusted }: Sealing) {
  const reading = await openReading(url);
  const began = performance.now();
  const progress = { total: () => {}, done: () => {} };
  const { entries, findings } = await verifyHistory(reading, { verifiers: trusted, held: [], progress });
  const seconds = (performance.now() - began) / 1_000;
  await reading.close();
  return { entries, seconds, findings: findings.length === 0 ? 'nothing' : `${findings.length}: ${findings[0]}` };
}

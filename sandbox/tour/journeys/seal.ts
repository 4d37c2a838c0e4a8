import pg from 'pg';
import { readVerifier } from '../../../src/evidence/note.ts';
import { openReading } from '../../../src/store/reading.ts';
import { verifyHistory } from '../../../src/usecases/verify-history.ts';
import { placeOf, step } from '../acts.ts';
import { Mismatch } from '../mismatch.ts';
import { type Journey, PATIENCE_MS, type Play, type Step } from '../play.ts';

/** A head of the history, in whatever place: they come within seconds of what they seal. */
const isSeal = (play: Play) => (message: Parameters<Play['read']>[0]) =>
  /^The audit trail\b.* is sealed: /.test(play.read(message));

/** The newest head that security got. All others, of this day and of the tenants, are like it. */
const told: Step = step(
  `${placeOf('sofia', 'security')}, seen by Sofia: the newest checkpoint`,
  async (play) => {
    await play.records.sealed(PATIENCE_MS);
    await play.records.quiet(PATIENCE_MS);
    const seals = play.overlooked().filter(isSeal(play));
    const newest = seals.filter(({ channel }) => channel === play.channel('sofia', 'security')).at(-1);
    if (!newest) throw new Mismatch('a message that says how far the audit trail is sealed', 'none');
    for (const each of seals) play.show(each);
    return play.read(newest).split('\n');
  },
  { scene: { who: 'sofia', where: 'security' } },
);

/** As `breakglass verify --key KEY` does it. */
async function verified(play: Play) {
  const verifier = readVerifier(play.sealKey);
  const reading = await openReading(play.adminUrl);
  const progress = { total: () => {}, done: () => {} };
  return verifyHistory(reading, { verifiers: verifier ? [verifier] : [], held: [], progress }).finally(reading.close);
}

const holds: Step = step('breakglass verify, with the public key of this sandbox', async (play) => {
  const { entries, checkpoints, findings } = await verified(play);
  if (findings.length > 0) throw new Mismatch('everything as it was sealed', findings.join('\n'));
  return [`Verified: ${entries} entries, ${checkpoints} checkpoints, and every table says what the entries say.`];
});

/** Somebody with every right in the database changes a reason, and puts it back. */
const named: Step = step('A database administrator rewrites a reason, and verify names the entry', async (play) => {
  const admin = new pg.Client({ connectionString: play.adminUrl });
  await admin.connect();
  const rewrite = (from: string, to: string) =>
    admin.query(
      `update audit_events set entry = replace(entry, $1, $2) where id = (select min(id) from audit_events where action = 'break_glass.requested')`,
      [from, to],
    );
  const [was, lie] = ['The import is corrupting documents', 'The customer asked us on the phone'];
  try {
    await admin.query('alter table audit_events disable trigger user');
    await rewrite(was, lie);
    const [first = 'nothing was found'] = (await verified(play)).findings;
    if (!/^entry \d+ \(row \d+\) was changed/.test(first)) throw new Mismatch('the entry to be named', first);
    return [first.replace(/^entry \d+ \(row \d+\)/, 'entry … (row …)').replace(/ It says: .*/s, '')];
  } finally {
    await rewrite(lie, was);
    await admin.query('alter table audit_events enable trigger user').finally(() => admin.end());
  }
});

export const sealed: Journey = {
  title: 'The audit trail is sealed: who changes it afterwards is found',
  steps: [told, holds, named],
};

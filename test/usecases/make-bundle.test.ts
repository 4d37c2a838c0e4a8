import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { reviewQuestions } from '../../src/domain/review-answers.ts';
import { attachEvidence } from '../../src/usecases/attach-evidence.ts';
import { end } from '../../src/usecases/end.ts';
import { makeBundle } from '../../src/usecases/make-bundle.ts';
import { request } from '../../src/usecases/request.ts';
import { review } from '../../src/usecases/review.ts';
import { aFolder, sha256, unpacked } from '../evidence/bundles.ts';
import { aSealing, aSigner, leavesOf, seal, writeRows } from '../support/sealing.ts';
import { always, findingsOn, made, makingOf, rowsIn } from './bundles.ts';
import { active, command, grantOf, type Office, office, requested, work } from './office.ts';

const tenantCalled = async ({ db }: Office, key: string): Promise<string> => {
  const [row] = await db.query<{ id: string }>('superuser', 'select id from tenants where key = $1', [key]);
  return String(row?.id);
};

const answers = Object.fromEntries(
  reviewQuestions.map((question) => [question, { answer: 'yes', note: 'https://tracker.example.com/1' }]),
);

/** Olivia's session at Acme: agreed, used, with evidence, over and reviewed; and a request at Globex. */
async function lived(at: Office) {
  const grant = await active(at);
  const evidence = {
    kind: 'note',
    title: 'What I did',
    links: [],
    content: '=HYPERLINK("x")\nrepaired <b>it</b>',
  } as const;
  await attachEvidence(at.context, { by: { person: await at.actor('olivia') }, grant, evidence }, work());
  await end(at.context, { actor: await at.actor('olivia'), grant }, work());
  await review(at.context, { actor: await at.actor('ada'), grant, answers }, work());
  const other = grantOf(await request(at.context, command(await at.actor('olivia'), { tenantKey: 'globex' }), work()));
  return { grant, other, evidence };
}

describe('a bundle of one access', () => {
  test('has every part of it, each proven, and verifies', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    const { grant, evidence } = await lived(at);
    await seal(sealing);
    const { outcome, file } = await made(makingOf(at, sealing), { grant });
    expect(outcome).toMatchObject({ kind: 'made', selection: { kind: 'grant', grant, tenant: { key: 'acme' } } });
    expect(await findingsOn(file, sealing.signer)).toEqual([]);
    const files = await unpacked(file);
    const [attached] = await rowsIn(file, 'attachments.jsonl');
    expect(attached).toMatchObject({ kind: 'note', title: 'What I did', sha256: sha256(evidence.content) });
    expect(String(files.get(`attachments/${attached?.attachment}.txt`))).toBe(evidence.content);
    expect(await rowsIn(file, 'requests.jsonl')).toMatchObject([
      {
        grant,
        scope: 'content_access',
        ticket: 'INC-42',
        policy: at.context.inForce().policy.hash,
        legs: ['owner', 'security'],
      },
    ]);
    expect(await rowsIn(file, 'approvals.jsonl')).toMatchObject([
      { leg: 'owner', decision: 'approved' },
      { leg: 'security', decision: 'approved' },
    ]);
    expect((await rowsIn(file, 'lifecycle.jsonl')).map(({ became }) => became)).toEqual(['activated', 'ended']);
    expect(await rowsIn(file, 'reviews.jsonl')).toMatchObject([
      { became: 'review_opened' },
      { became: 'reviewed', cause_documented: 'yes', cause_documented_note: 'https://tracker.example.com/1' },
    ]);
    const notices = await rowsIn(file, 'notices.jsonl');
    expect(notices.map(({ channel }) => channel)).toContain('C0SECURITY');
    expect(notices.every((notice) => notice.grant === grant)).toBe(true);
    expect(await rowsIn(file, 'tenants.jsonl')).toMatchObject([{ key: 'acme' }]);
  });

  test('names no other tenant, not even by the configuration in force', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    const { grant } = await lived(at);
    await seal(sealing);
    const { file } = await made(makingOf(at, sealing), { grant });
    const text = [...(await unpacked(file)).values()].map(String).join('\n');
    expect(text).not.toMatch(/globex/i);
    expect(text).not.toContain(await tenantCalled(at, 'globex'));
  });

  test('is not there for who may not see its tenant, nor before any of it is sealed', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    const making = makingOf(at, sealing);
    await seal(sealing);
    const { grant } = await lived(at);
    expect((await made(making, { grant })).outcome).toEqual({ kind: 'nothing_sealed' });
    await seal(sealing);
    const globex = await tenantCalled(at, 'globex');
    expect((await made(making, { grant }, [globex])).outcome).toEqual({ kind: 'unknown_grant' });
    expect((await made(making, { grant: globex })).outcome).toEqual({ kind: 'unknown_grant' });
    expect((await made(making, { grant }, [await tenantCalled(at, 'acme')])).outcome.kind).toBe('made');
  });
});

describe('a bundle of a window', () => {
  test('has all that is sealed, with the configurations in force, and verifies', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await lived(at);
    await seal(sealing);
    await writeRows(at.db, 3);
    const { outcome, file } = await made(makingOf(at, sealing), { ...always, tenant: null });
    const leaves = await leavesOf(at.db);
    expect(outcome).toMatchObject({ kind: 'made', entries: leaves.length, treeSize: leaves.length });
    expect(await findingsOn(file, sealing.signer)).toEqual([]);
    const files = await unpacked(file);
    expect(String(files.get('entries.jsonl'))).toBe(leaves.map(({ entry }) => `${entry}\n`).join(''));
    const { hash } = at.context.inForce().policy;
    expect(sha256(String(files.get(`policies/${hash}.yml`)))).toBe(hash);
  });

  test("of one tenant has that tenant's own tree, whole, and nothing of another", async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await lived(at);
    await seal(sealing);
    const acme = await tenantCalled(at, 'acme');
    const { outcome, file } = await made(makingOf(at, sealing), { ...always, tenant: 'acme' }, [acme]);
    expect(outcome).toMatchObject({ kind: 'made', selection: { tenant: { id: acme, key: 'acme' } } });
    expect(await findingsOn(file, sealing.signer)).toEqual([]);
    const theirs = (await leavesOf(at.db)).filter(({ tenant }) => tenant === acme);
    expect(String((await unpacked(file)).get('entries.jsonl'))).toBe(theirs.map(({ entry }) => `${entry}\n`).join(''));
    expect([...(await unpacked(file)).values()].map(String).join('\n')).not.toMatch(/globex/i);
  });

  test('shows by an entry beside it on each side that it ends there, also where nothing happened in it', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await writeRows(at.db, 5);
    const before = await at.db.clock.now();
    await at.db.clock.advance(3_600_000);
    await writeRows(at.db, 5);
    await at.db.clock.advance(3_600_000);
    await writeRows(at.db, 5);
    await seal(sealing);
    const hours = (n: number) => new Date(before.getTime() + n * 3_600_000);
    const making = makingOf(at, sealing);
    const quiet = await made(making, { from: hours(0.25), to: hours(0.75), tenant: null });
    expect(quiet.outcome).toMatchObject({ kind: 'made', entries: 0 });
    expect(await findingsOn(quiet.file, sealing.signer)).toEqual([]);
    expect((await rowsIn(quiet.file, 'entries.jsonl')).length).toBe(2);
    const middle = await made(making, { from: hours(0.75), to: hours(1.5), tenant: null });
    expect(middle.outcome).toMatchObject({ kind: 'made', entries: 5 });
    expect(await findingsOn(middle.file, sealing.signer)).toEqual([]);
    expect((await rowsIn(middle.file, 'entries.jsonl')).length).toBe(7);
  });

  test('is not made smaller by who moves a row out of it past the triggers: what was sealed of it decides', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await writeRows(at.db, 5);
    const before = await at.db.clock.now();
    await at.db.clock.advance(3_600_000);
    await writeRows(at.db, 4);
    await seal(sealing);
    await at.db.query(
      'superuser',
      `do $$ begin set local session_replication_role = 'replica';
         update audit_events set at = '2020-01-01' where id in (select event_id from audit_leaves order by leaf desc limit 4); end $$`,
    );
    const window = { from: new Date(before.getTime() + 1_800_000), to: always.to, tenant: null };
    const { outcome, file } = await made(makingOf(at, sealing), window);
    expect(outcome).toMatchObject({ kind: 'made', entries: 4 });
    expect(await findingsOn(file, sealing.signer)).toEqual([]);
  });

  test('needs a tenant for who sees some only, and one that they see', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await seal(sealing);
    const making = makingOf(at, sealing);
    const acme = await tenantCalled(at, 'acme');
    expect((await made(making, { ...always, tenant: null }, [acme])).outcome).toEqual({ kind: 'tenant_needed' });
    expect((await made(making, { ...always, tenant: 'globex' }, [acme])).outcome).toEqual({ kind: 'unknown_tenant' });
    expect((await made(making, { ...always, tenant: 'nowhere' })).outcome).toEqual({ kind: 'unknown_tenant' });
  });
});

describe('no bundle is made', () => {
  const cases = [
    {
      what: 'a changed entry',
      sql: `update audit_events set entry = replace(entry, 'U0OLIVIA', 'U0OTHER') where action = 'break_glass.requested'`,
      says: /^The entry of leaf \d+ is not what was sealed\.$/,
    },
    {
      what: 'a removed entry',
      sql: `delete from audit_events where action = 'break_glass.activated'`,
      says: /^The entry of leaf \d+ is not there any more\.$/,
    },
    {
      what: 'a changed attachment',
      sql: `alter table attachments drop constraint attachment_is_what_was_hashed; update attachments set content = 'nothing'`,
      says: /^attachments\/.+\.txt is not what leaf \d+ has the hash of\.$/,
    },
    {
      what: 'a removed attachment',
      sql: 'delete from attachments',
      says: /^What leaf \d+ has the hash of is not there any more: attachments\//,
    },
    {
      what: 'a hash that was changed with its entry',
      sql: `update audit_events set entry = entry || ' ' where action = 'break_glass.requested'; update audit_leaves l set hash = sha256('\\x00'::bytea || convert_to(e.entry, 'UTF8')) from audit_events e where e.id = l.event_id`,
      says: /do(es)? not lead to the signed checkpoint\.$/,
    },
  ];
  test.each(cases)('of $what, and the place is named', async ({ sql, says }) => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    await lived(at);
    await seal(sealing);
    await at.db.query(
      'superuser',
      `set session_replication_role = 'replica'; ${sql}; set session_replication_role = 'origin'`,
    );
    const { outcome, file } = await made(makingOf(at, sealing), { ...always, tenant: null });
    expect(outcome).toMatchObject({ kind: 'history_changed', what: expect.stringMatching(says) });
    expect(await readdir(path.dirname(file))).not.toContain('bundle.zip');
  });

  test('from a head that none of our keys signed, or before anything is sealed', async () => {
    const at = await office();
    const sealing = aSealing(at.context.db);
    expect((await made(makingOf(at, sealing), { ...always, tenant: null })).outcome).toEqual({
      kind: 'nothing_sealed',
    });
    await seal(sealing);
    const other = aSigner();
    const making = makingOf(at, { signer: other, trusted: [other.verifier] });
    expect((await made(making, { ...always, tenant: null })).outcome).toEqual({ kind: 'unknown_key' });
  });
});

test('that a bundle was made is on record, with its manifest', async () => {
  const at = await office();
  const sealing = aSealing(at.context.db);
  const grant = await requested(at);
  await seal(sealing);
  const { outcome } = await made(makingOf(at, sealing), { grant });
  if (outcome.kind !== 'made') throw new Error(outcome.kind);
  const rows = await at.db.query(
    'superuser',
    `select actor, grant_id, details from audit_events where action = 'evidence.exported'`,
  );
  expect(rows).toEqual([
    {
      ...{ actor: 'system:command-line', grant_id: grant },
      details: {
        from: null,
        to: null,
        entries: outcome.entries,
        tree_size: outcome.treeSize,
        manifest_sha256: outcome.manifest,
      },
    },
  ]);
});

test('one that is stopped leaves no zip and no record', async () => {
  const at = await office();
  const sealing = aSealing(at.context.db);
  await writeRows(at.db, 2_000);
  await seal(sealing);
  const stop = new AbortController();
  const folder = await aFolder();
  const writing = {
    folder,
    target: path.join(folder, 'bundle.zip'),
    signal: stop.signal,
    step: () => stop.abort(new Error('stopped')),
  };
  const command = { wish: { ...always, tenant: null }, actor: 'system:command-line', sight: null, key: null };
  await expect(makeBundle(makingOf(at, sealing), command, writing, 'make')).rejects.toThrow('stopped');
  expect(await readdir(folder)).not.toContain('bundle.zip');
  expect(await at.db.query('superuser', `select 1 from audit_events where action = 'evidence.exported'`)).toEqual([]);
});

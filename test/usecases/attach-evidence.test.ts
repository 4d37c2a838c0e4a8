import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Evidence } from '../../src/domain/evidence.ts';
import type { Actor } from '../../src/domain/people.ts';
import { attachEvidence } from '../../src/usecases/attach-evidence.ts';
import { end } from '../../src/usecases/end.ts';
import { request } from '../../src/usecases/request.ts';
import { active, auditView, factsOf, grantOf, type Office, office, requested, stateOf, work } from './office.ts';
import { addressed, closed, noticesOfReviews, ranOut, versionOf } from './reviews.ts';

const note = (overrides: Partial<Evidence> = {}): Evidence => ({
  kind: 'note',
  title: 'What I did',
  links: ['https://logs.example.com/1'],
  content: 'Rebuilt the index: ü 🚒',
  ...overrides,
});
const handIn = (at: Office, person: Actor, grant: string, evidence = note(), key: string | null = null) =>
  attachEvidence(at.context, { by: { person }, grant, evidence }, work(key));
const kept = (at: Office, grant: string) =>
  at.db.query(
    'superuser',
    `select id, kind, title, links, content, encode(sha256, 'hex') as sha256, late, added_by as by from attachments
      where grant_id = $1 order by added_at`,
    [grant],
  );

test('the operator attaches to their session: it is kept as it is, and its hash is on record', async () => {
  const at = await office();
  const grant = await active(at);
  const olivia = await at.actor('olivia');
  const { receipt, kind } = await handIn(at, olivia, grant);
  const sha256 = createHash('sha256').update(note().content).digest('hex');
  const bytes = Buffer.byteLength(note().content);
  expect({ kind, receipt }).toEqual({ kind: 'done', receipt: { id: receipt?.id, sha256, bytes, late: false } });
  expect(await kept(at, grant)).toEqual([{ id: receipt?.id, ...note(), sha256, late: false, by: olivia.name }]);
  const rows = await at.db.query(
    'superuser',
    "select actor, details from audit_events where action = 'break_glass.evidence_attached'",
  );
  const { kind: what, title, links } = note();
  const details = { attachment: receipt?.id, kind: what, title, links, sha256, bytes, late: false };
  expect(rows).toEqual([{ actor: olivia.name, details: { ...details, person: olivia.person } }]);
});

test('what comes after the end is marked late, and the card of the review is drawn anew', async () => {
  const at = await office();
  const grant = await closed(at);
  const done = await handIn(at, await at.actor('olivia'), grant);
  expect(done).toMatchObject({ kind: 'done', receipt: { late: true } });
  expect(await kept(at, grant)).toMatchObject([{ late: true }]);
  expect(await versionOf(at, grant)).toBe(2);
  expect(addressed(await noticesOfReviews(at))).toEqual(Array(2).fill('review_card C0SECURITY'));
});

test('a session that ran out is closed first, by the clock, and what is attached then is late', async () => {
  const at = await office();
  const grant = await ranOut(at);
  expect(await handIn(at, await at.actor('olivia'), grant)).toMatchObject({ receipt: { late: true } });
  expect(await stateOf(at, grant)).toBe('expired');
  expect(await factsOf(at, grant)).toMatchObject({ 'break_glass.review_opened': 1 });
});

test('support access has evidence too, and no review to show it', async () => {
  const at = await office();
  const olivia = await at.actor('olivia');
  const grant = grantOf(await request(at.context, auditView(olivia), work()));
  await end(at.context, { actor: olivia, grant }, work());
  expect(await handIn(at, olivia, grant)).toMatchObject({ kind: 'done' });
  expect(await factsOf(at, grant)).toMatchObject({ 'support_access.evidence_attached': 1 });
  expect(await noticesOfReviews(at)).toEqual([]);
});

test('nobody attaches to what is not theirs, and the try is on record; a refusal leaves nothing', async () => {
  const at = await office();
  const grant = await active(at);
  for (const player of ['omar', 'sofia', 'anna'] as const) {
    expect(await handIn(at, await at.actor(player), grant)).toMatchObject({ refusal: { kind: 'not_yours' } });
  }
  const waits = await requested(at, { tenantKey: 'globex' });
  expect(await handIn(at, await at.actor('olivia'), waits)).toMatchObject({ refusal: { kind: 'never_active' } });
  const unknown = '00000000-0000-4000-8000-000000000000';
  expect(await handIn(at, await at.actor('olivia'), unknown)).toMatchObject({ refusal: { kind: 'unknown_grant' } });
  expect(await at.db.query('superuser', 'select 1 from attachments')).toEqual([]);
  const refused = await at.db.query(
    'superuser',
    "select details->>'refusal' as refusal from audit_events where action = 'access.refused' order by id",
  );
  expect(refused.map(({ refusal }) => refusal)).toEqual([...Array(3).fill('not_yours'), 'unknown_grant']);
});

test('the same delivery twice attaches once, and is told the same', async () => {
  const at = await office();
  const grant = await active(at);
  const olivia = await at.actor('olivia');
  const first = await handIn(at, olivia, grant, note(), 'view');
  expect(await handIn(at, olivia, grant, note(), 'view')).toEqual({ kind: 'repeated', grant, receipt: first.receipt });
  expect(await handIn(at, olivia, grant, note({ title: 'Other' }), 'view')).toMatchObject({
    refusal: { kind: 'repeated_with_another_body' },
  });
  expect(await kept(at, grant)).toHaveLength(1);
});

test('as much as fits is 262,144 bytes, counted as UTF-8', async () => {
  const at = await office();
  const grant = await active(at);
  const olivia = await at.actor('olivia');
  const full = 'ü'.repeat(131_072);
  expect(await handIn(at, olivia, grant, note({ content: full }))).toMatchObject({ receipt: { bytes: 262_144 } });
  expect(await handIn(at, olivia, grant, note({ content: `${full}x` }))).toMatchObject({
    refusal: { kind: 'evidence_too_large', found: 262_145 },
  });
});

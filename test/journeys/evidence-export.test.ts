import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { channels } from '../../sandbox/cast.ts';
import { newSigner, readVerifier } from '../../src/evidence/note.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { withoutDigests } from '../jobs/mailroom.ts';
import { LOG } from '../support/sealing.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { closed, pressOnReview, reviewIn } from './review-verbs.ts';
import { answerTo, as, eventually, said } from './verbs.ts';

const key = newSigner(LOG);
const folder = mkdtempSync(path.join(tmpdir(), 'breakglass-journey-'));
let stack: TestStack;
let grant: string;

beforeAll(async () => {
  stack = await startTestStack({
    yaml: withoutDigests(),
    environment: { AUDIT_SIGNING_KEY: key.secret, DATA_DIR: folder },
  });
  grant = await closed(stack);
  await reviewIn(stack, channels.security.id, grant);
  stack.bot.clock.seals.ring();
  const sealed = () =>
    stack.db.query(
      'superuser',
      'select 1 from audit_leaves l join audit_events e on e.id = l.event_id where e.action = $1',
      ['break_glass.ended'],
    );
  await eventually(stack, async () => (await sealed())[0], 'the session to be sealed');
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true, force: true });
});

const evidence = (who: 'ada' | 'sofia' | 'olivia' | 'omar' | 'anna') =>
  answerTo(stack, who, () => pressOnReview(stack, who, grant, 'evidence'));
const exports = () =>
  stack.db.query('superuser', "select actor from audit_events where action = 'evidence.exported' and grant_id = $1", [
    grant,
  ]);

test.each(['ada', 'sofia'] as const)(
  '%s, an auditor or of security, gets the evidence by direct message, and it verifies',
  async (who) => {
    expect(await evidence(who)).toBe('The evidence is in your direct messages.');
    const message = await said(stack, as(stack, who).dm(), 'Evidence of one access');
    const [file] = message.files ?? [];
    expect(file?.name).toBe(`evidence-${grant}.zip`);
    const saved = path.join(folder, 'bundle.zip');
    writeFileSync(saved, stack.slack.file(String(file?.id)) ?? Buffer.of());
    const verifier = readVerifier(key.verifier);
    const { findings, manifest } = await verifyBundle(saved, { keys: verifier ? [verifier] : [], held: [] });
    expect(findings).toEqual([]);
    expect(manifest?.selection).toMatchObject({ kind: 'grant', grant });
    expect(message.text).toContain(`${manifest?.population.entries} entries`);
  },
);

test.each(['olivia', 'omar', 'anna'] as const)('%s, who is neither, is told so, and nothing is made', async (who) => {
  const before = await exports();
  expect(await evidence(who)).toBe('Only auditors and security can take evidence away.');
  expect(await exports()).toEqual(before);
});

test('who took it is on record', async () => {
  expect(await exports()).toContainEqual({ actor: `slack:T0HOME:U0ADA` });
});

test('a file that Slack does not take is said to be so', async () => {
  stack.slack.fault('files.getUploadURLExternal', { kind: 'error_before' });
  expect(await evidence('ada')).toMatch(/^Slack did not take the file: .+ Try again later\.$/);
  stack.slack.clearFaults();
});

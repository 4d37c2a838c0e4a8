import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { pressable } from '../../sandbox/slack/index.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { active, reviewIn, windowOf } from './review-verbs.ts';
import { answerTo, as, auditOf, cardIn, press, tidy } from './verbs.ts';

const dm = cast.olivia.id;
let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const entries = (changes: Record<string, string> = {}) => ({
  title: 'Index rebuilt',
  note: 'Dropped and rebuilt the index of 3 spaces.',
  links: 'https://logs.example.com/1\nhttps://logs.example.com/2',
  ...changes,
});
async function openAttach(grant: string): Promise<void> {
  await press(stack, 'olivia', dm, grant, 'attach');
  await as(stack, 'olivia').modal('attach_evidence');
}

test('the operator attaches what they did while it is active, and again after the end, which is marked late', async () => {
  const grant = await active(stack);
  expect(pressable((await cardIn(stack, dm, grant, 'Active until')).blocks)).toEqual(['end', 'attach']);
  await openAttach(grant);
  expect(await as(stack, 'olivia').submit(entries())).toMatchObject({ kind: 'updated' });
  expect(await windowOf(stack, 'olivia', 'Attached and on record.')).toMatch(/SHA-256 of the note: [0-9a-f]{64}/);
  await as(stack, 'olivia').close({ all: true });

  await press(stack, 'olivia', dm, grant, 'end');
  expect(pressable((await cardIn(stack, dm, grant, 'Ended')).blocks)).toEqual(['attach']);
  await reviewIn(stack, channels.security.id, grant, 'Note: Index rebuilt, 2 links, by @Olivia');
  await openAttach(grant);
  const late = entries({ title: 'Afterwards', note: '', links: 'https://logs.example.com/3' });
  await as(stack, 'olivia').submit(late);
  await windowOf(stack, 'olivia', 'It came after the access had ended and is marked late.');
  const card = await reviewIn(stack, channels.security.id, grant, 'Note: Afterwards, 1 link, by @Olivia');
  expect(JSON.stringify(card.blocks)).toContain(', late');
  expect((await auditOf(stack, grant)).filter((action) => action.endsWith('evidence_attached'))).toHaveLength(2);
});

test('a mistake is said at its field', async () => {
  const grant = await active(stack);
  await openAttach(grant);
  const wrong: [Record<string, string>, string][] = [
    [{ title: 'x'.repeat(201) }, 'title'],
    [{ links: 'javascript:alert(1)' }, 'links'],
    [{ links: Array(11).fill('https://logs.example.com').join('\n') }, 'links'],
    [{ note: ' ', links: '' }, 'note'],
  ];
  for (const [change, field] of wrong) {
    const sent = await as(stack, 'olivia').submit(entries(change), { force: true });
    expect(sent).toEqual({ kind: 'errors', errors: { [field]: expect.any(String) } });
  }
  expect(await as(stack, 'olivia').submit(entries())).toMatchObject({ kind: 'updated' });
});

test('nobody else attaches to it, not with a button that they made up either', async () => {
  const grant = await active(stack);
  const card = await cardIn(stack, channels.security.id, grant);
  await as(stack, 'sofia').clickRaw({ action_id: 'attach', value: grant }, card);
  await as(stack, 'sofia').modal('attach_evidence');
  await as(stack, 'sofia').submit(entries());
  await windowOf(stack, 'sofia', 'Only the person who asked can do that.');
  const said = await answerTo(stack, 'sofia', () =>
    as(stack, 'sofia').clickRaw({ action_id: 'attach', value: "1' or true" }, card),
  );
  expect(said).toBe('There is no such request.');
  expect(await auditOf(stack, grant)).not.toContain('break_glass.evidence_attached');
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer, Service } from '../../sandbox/service.ts';
import { type Stack, startStack } from '../../sandbox/stack.ts';
import { happens } from '../../sandbox/tour/acts.ts';
import { serviceAsks } from '../../sandbox/tour/answers.ts';
import { checks } from '../../sandbox/tour/journeys/checks.ts';
import { Mismatch } from '../../sandbox/tour/mismatch.ts';
import { narrator } from '../../sandbox/tour/narrator.ts';
import { playTour, tourMorning } from '../../sandbox/tour.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ startsAt: tourMorning() });
});
afterAll(() => stack.stop());

const transcript = () => {
  const lines: string[] = [];
  return { lines, narrator: narrator((line) => void lines.push(line), false) };
};

test('a step that finds something else stops the tour, which names it', async () => {
  const { lines, narrator: told } = transcript();
  const differs = happens('It rains', () => {
    throw new Mismatch('rain', 'sun');
  });
  const never = happens('It snows', () => {
    throw new Error('the tour went on');
  });
  const journey = { title: 'The weather', steps: [happens('Nothing', () => {}), differs, never] };
  expect(await playTour(stack, told, [journey])).toBe(false);
  expect(lines).toEqual(expect.arrayContaining(['    │ rain', '    │ sun']));
  expect(lines.at(-1)).toContain('journey 1, "The weather", at step 2, "It rains"');
});

test('a message that no step mentions stops the tour', async () => {
  const { lines, narrator: told } = transcript();
  const says = happens('Anna says something', ({ slack }) => slack.as('U0ANNA').say('C0ACME', 'Hello'));
  expect(await playTour(stack, told, [{ title: 'Chatter', steps: [says] }])).toBe(false);
  expect(lines).toContain('    │ Hello');
  const said = stack.slack.messages('C0ACME').find(({ text }) => text === 'Hello');
  if (said) stack.slack.world.messages.remove(said);
});

test('an answer that the service should not get stops the tour', async () => {
  const { lines, narrator: told } = transcript();
  const asks = serviceAsks('olivia', 'content.read', 'acme', { decision: true, reason: 'granted' });
  expect(await playTour(stack, told, [{ title: 'Trust', steps: [asks] }])).toBe(false);
  expect(lines).toEqual(expect.arrayContaining(['    │ yes, granted', '    │ no, no_grant']));
});

/** Every question is asked and on record; what was a yes once stays one. */
function remembering(service: Service): Service {
  const yeses = new Map<string, Answer>();
  const ask: Service['ask'] = async (question) => {
    const answer = await service.ask(question);
    const about = JSON.stringify(question);
    if (answer.decision) yeses.set(about, answer);
    return yeses.get(about) ?? answer;
  };
  return { ...service, ask };
}

test('a yes that outlives its access stops the tour at the first check after the revocation', async () => {
  const fresh = await startStack({ startsAt: tourMorning(), replicas: 2 });
  try {
    const { lines, narrator: told } = transcript();
    expect(await playTour({ ...fresh, service: remembering(fresh.service) }, told, [checks])).toBe(false);
    const failed = lines.findIndex((line) => line.includes('✗'));
    expect(lines.slice(failed - 2, failed).join('\n')).toContain('Sam sends the form, and it closes');
    expect(lines.slice(failed)).toContain('    │ no, revoked');
  } finally {
    await fresh.stop();
  }
}, 240_000);

test('every journey of the tour goes as it should', async () => {
  const { lines, narrator: told } = transcript();
  const well = await playTour(stack, told);
  expect(lines.filter((line) => line.includes('✗'))).toEqual([]);
  expect(well).toBe(true);
}, 240_000);

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sharing, TooLate } from '../../src/store/checks/sharing.ts';
import { limits, listen, refusal, sharingByHand, turn } from './sharing-by-hand.ts';

describe('a caller waits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test('so long and no longer, whatever the database does', async () => {
    const { desk, flights } = sharingByHand();
    const [inFlight, inLine] = [listen(desk.ask('a')), listen(desk.ask('b+xx'))];
    await turn();
    vi.advanceTimersByTime(limits.patienceMs - 1);
    await turn();
    expect([inFlight.heard, inLine.heard]).toEqual([null, null]);
    vi.advanceTimersByTime(1);
    await turn();
    expect(inFlight.heard).toBeInstanceOf(TooLate);
    expect(inLine.heard).toBeInstanceOf(TooLate);
    // What comes later is nobody's.
    await flights[0]?.land();
    expect(inFlight.heard).toBeInstanceOf(TooLate);
  });

  test('and once gone is not asked about, neither with others nor alone', async () => {
    const { desk, flights, alone } = sharingByHand({ most: 10 });
    listen(desk.ask('a'));
    await turn();
    listen(desk.ask('gone'));
    vi.advanceTimersByTime(limits.patienceMs / 2);
    const [b, c] = [listen(desk.ask('b')), listen(desk.ask('c'))];
    vi.advanceTimersByTime(limits.patienceMs / 2);
    await flights[0]?.land();
    expect(flights[1]?.items).toEqual(['b', 'c']);
    vi.advanceTimersByTime(limits.patienceMs / 2);
    await flights[1]?.fail(refusal('23514'));
    expect(alone).toEqual([]);
    expect(b.heard).toBeInstanceOf(TooLate);
    expect(c.heard).toBeInstanceOf(TooLate);
    expect(desk.waiting()).toBe(0);
  });

  test('and is told so to who asks for them alone, one after the other', async () => {
    const wanted: boolean[] = [];
    const desk = sharing<string, string>(
      {
        together: () => Promise.reject(refusal('55P03')),
        alone: async (item, isWanted) => {
          wanted.push(isWanted());
          vi.advanceTimersByTime(limits.patienceMs);
          wanted.push(isWanted());
          return item;
        },
        weight: () => 1,
      },
      limits,
    );
    const caller = listen(desk.ask('a'));
    await turn();
    await turn();
    expect(caller.heard).toBeInstanceOf(TooLate);
    expect(wanted).toEqual([true, false]);
  });

  test('and leaves no timer behind: neither who was answered, nor who was refused, nor who was turned away', async () => {
    const { desk, flights } = sharingByHand({ waiting: 2 });
    for (const item of ['a', 'b', 'too much']) listen(desk.ask(item));
    await turn();
    await flights[0]?.land();
    listen(desk.ask('c'));
    await turn();
    await flights[1]?.fail(refusal('53100'));
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('of an answered question nothing is kept: neither the question nor the answer', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const desk = sharing<object, object>(
    { together: async (items) => items.map(() => ({})), alone: async () => ({}), weight: () => 1 },
    limits,
  );
  const asked = await Promise.all(
    Array.from({ length: 9 }, async () => {
      const question = {};
      return [new WeakRef(question), new WeakRef(await desk.ask(question))];
    }),
  );
  await turn();
  collect();
  expect(asked.flat().filter((each) => each.deref() !== undefined)).toEqual([]);
  expect(desk.waiting()).toBe(0);
});

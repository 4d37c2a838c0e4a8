import { describe, expect, test, vi } from 'vitest';
import { Overloaded } from '../../src/store/checks/sharing.ts';
import { SilentDatabase } from '../../src/store/socket.ts';
import { listen, refusal, sharingByHand, turn } from './sharing-by-hand.ts';

describe('questions that share a statement', () => {
  test('are those that arrive while one is in flight: they share the next, in the order of their arrival', async () => {
    const { desk, flights, alone } = sharingByHand();
    const first = listen(desk.ask('a'));
    await turn();
    const later = ['b', 'c'].map((item) => listen(desk.ask(item)));
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([['a']]);
    await flights[0]?.land();
    expect(flights.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
    await flights[1]?.land();
    expect([first, ...later].map(({ heard }) => heard)).toEqual(['about a', 'about b', 'about c']);
    expect(alone).toEqual([]);
  });

  test('are those that arrive together with a first one', async () => {
    const { desk, flights } = sharingByHand();
    for (const item of ['a', 'b', 'c']) listen(desk.ask(item));
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([['a', 'b', 'c']]);
  });

  test('are answered by a statement that began after they were asked, though the same is in flight', async () => {
    const { desk, flights } = sharingByHand();
    listen(desk.ask('a'));
    await turn();
    const again = listen(desk.ask('a'));
    await flights[0]?.land(['an answer from before']);
    expect(again.heard).toBeNull();
    await flights[1]?.land(['an answer from after']);
    expect(again.heard).toBe('an answer from after');
  });

  test('weigh no more than a statement bears; who is heavier goes alone, and nobody is overtaken', async () => {
    const { desk, flights } = sharingByHand({ waiting: 100 });
    for (const item of ['a', 'b', 'c+x', 'd', 'e+heavy', 'f']) listen(desk.ask(item));
    for (let landed = 0; landed < 4; landed += 1) {
      await turn();
      await flights[landed]?.land();
    }
    expect(flights.map(({ items }) => items)).toEqual([['a', 'b'], ['c+x', 'd'], ['e+heavy'], ['f']]);
  });

  test('are in so many statements at a time, and no more', async () => {
    const { desk, flights } = sharingByHand({ atOnce: 2, most: 1 });
    for (const item of ['a', 'b', 'c']) listen(desk.ask(item));
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([['a'], ['b']]);
    await flights[1]?.land();
    expect(flights.map(({ items }) => items)).toEqual([['a'], ['b'], ['c']]);
  });

  test('are many before a second statement begins beside another one that answers in time', async () => {
    const worthAnother = { weight: 2, afterMs: 60_000 };
    const { desk, flights } = sharingByHand({ atOnce: 2, most: 3, worthAnother });
    listen(desk.ask('a'));
    await turn();
    listen(desk.ask('b'));
    await turn();
    expect(flights.map(({ items }) => items)).toEqual([['a']]);
    await flights[0]?.land();
    expect(flights.map(({ items }) => items)).toEqual([['a'], ['b']]);
    for (const item of ['c', 'd']) listen(desk.ask(item));
    listen(desk.ask('e'));
    await turn();
    await flights[1]?.land();
    expect(flights.map(({ items }) => items)).toEqual([['a'], ['b'], ['c', 'd', 'e']]);
  });

  test('do not wait behind a statement that is held up, however few they are', async () => {
    const worthAnother = { weight: 100, afterMs: 1 };
    const { desk, flights } = sharingByHand({ atOnce: 2, most: 3, worthAnother });
    listen(desk.ask('held up'));
    await turn();
    const other = listen(desk.ask('b'));
    await vi.waitUntil(() => flights.length === 2);
    await flights[1]?.land();
    expect(other.heard).toBe('about b');
    const third = listen(desk.ask('c'));
    await turn();
    await flights[2]?.land();
    expect(third.heard).toBe('about c');
  });

  test('each hear something, also of a statement that left one out', async () => {
    const { desk, flights } = sharingByHand();
    const heard = ['a', 'b'].map((item) => listen(desk.ask(item)));
    await turn();
    await flights[0]?.land(['about a']);
    expect(heard[0]?.heard).toBe('about a');
    expect(heard[1]?.heard).toBeInstanceOf(Error);
  });
});

describe('more than can be answered', () => {
  test('is turned away at once, and nothing of it is done; what waits is answered, and then there is room again', async () => {
    const { desk, flights } = sharingByHand({ waiting: 4 });
    listen(desk.ask('in flight'));
    await turn();
    const waiting = ['a', 'b+x'].map((item) => listen(desk.ask(item)));
    expect(desk.waiting()).toBe(3);
    const heavy = listen(desk.ask('c+x'));
    await turn();
    expect(heavy.heard).toBeInstanceOf(Overloaded);
    expect(desk.waiting()).toBe(3);
    await flights[0]?.land();
    await flights[1]?.land();
    expect(waiting.map(({ heard }) => heard)).toEqual(['about a', 'about b+x']);
    expect(desk.waiting()).toBe(0);
    expect(flights.flatMap(({ items }) => items)).not.toContain('c+x');
    const again = listen(desk.ask('c+x'));
    await turn();
    await flights[2]?.land();
    expect(again.heard).toBe('about c+x');
  });
});

describe('a statement that PostgreSQL refused', () => {
  test.each([
    ['22P02', 'wrong data'],
    ['23514', 'a constraint'],
    ['40001', 'a race'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock'],
    ['P0001', 'a trigger'],
  ])('for one of its questions (%s, %s): each is asked once more by itself, and that one alone fails', async (code) => {
    const { desk, flights, alone } = sharingByHand({}, async (item) => {
      if (item === 'poison') throw refusal(code);
      return `${item} alone`;
    });
    const heard = ['a', 'poison', 'b'].map((item) => listen(desk.ask(item)));
    await turn();
    await flights[0]?.fail(refusal(code));
    expect(heard.map((each) => each.heard)).toEqual(['a alone', refusal(code), 'b alone']);
    expect(alone).toEqual(['a', 'poison', 'b']);
    expect(flights).toHaveLength(1);
  });

  test.each([
    ['the disk is full', refusal('53100')],
    ['it takes no writes', refusal('25006')],
    ['a privilege is gone', refusal('42501')],
    ['it is shutting down', refusal('57P01')],
    ['it took too long', refusal('57014')],
    ['nobody knows what became of it', new SilentDatabase('silence')],
    ['the connection is lost', Object.assign(new Error('reset'), { code: 'ECONNRESET' })],
  ])('because %s: everybody is told, and nobody is asked about again', async (_, error) => {
    const { desk, flights, alone } = sharingByHand();
    const heard = ['a', 'b'].map((item) => listen(desk.ask(item)));
    await turn();
    await flights[0]?.fail(error);
    expect(heard.map((each) => each.heard)).toEqual([error, error]);
    expect(alone).toEqual([]);
    expect(flights).toHaveLength(1);
  });
});

describe('a desk that is to be closed', () => {
  test('is idle when the last question is answered, those that wait included', async () => {
    const { desk, flights } = sharingByHand();
    listen(desk.ask('a'));
    await turn();
    listen(desk.ask('b'));
    const idle = listen(desk.idle().then(() => 'idle'));
    await flights[0]?.land();
    expect(idle.heard).toBeNull();
    await flights[1]?.land();
    expect(idle.heard).toBe('idle');
  });

  test('is idle at once when nobody asked', async () => {
    const { desk } = sharingByHand();
    await expect(desk.idle()).resolves.toBeUndefined();
  });
});

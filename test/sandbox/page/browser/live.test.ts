import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Line, openLine, type Wire } from '../../../../sandbox/page/browser/live.ts';
import type { News, Request } from '../../../../sandbox/page/wire.ts';

/** A WebSocket whose other end the test holds. */
class FakeWire extends EventTarget {
  readyState = 0;
  readonly sent: Request[] = [];
  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.readyState = 3;
  }
  opens() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }
  breaks(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }
  says(news: News) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(news) }));
  }
}

const say = { kind: 'say', channel: 'C1', text: 'hello' } as const;
const gone = { kind: 'refused', why: 'The sandbox is not there. It comes back by itself when it runs again.' };

describe('the line to the sandbox', () => {
  let wires: FakeWire[];
  let told: News[];
  let standing: boolean[];
  let turnedAway: number;
  let line: Line;
  const wire = () => wires.at(-1) ?? new FakeWire();

  beforeEach(() => {
    vi.useFakeTimers();
    [wires, told, standing] = [[], [], []];
    const connect = () => {
      const fresh = new FakeWire();
      wires.push(fresh);
      return fresh as Wire;
    };
    turnedAway = 0;
    line = openLine({
      connect,
      onNews: (news) => told.push(news),
      onLine: (is) => standing.push(is),
      onNobody: () => {
        turnedAway += 1;
      },
    });
  });
  afterEach(() => {
    line.hangUp();
    vi.useRealTimers();
  });

  test('gives each request its own answer, in whatever order they come', async () => {
    wire().opens();
    const [first, second] = [line.send(say), line.send({ ...say, text: 'again' })];
    expect(wire().sent.map(({ id }) => id)).toEqual([0, 1]);
    wire().says({ kind: 'outcome', id: 1, outcome: { kind: 'refused', why: 'No.' } });
    wire().says({ kind: 'outcome', id: 0, outcome: { kind: 'done' } });
    expect([await first, await second]).toEqual([{ kind: 'done' }, { kind: 'refused', why: 'No.' }]);
    expect(told).toEqual([]);
  });

  test('passes on what it is told', () => {
    wire().opens();
    wire().says({ kind: 'notice', text: 'hello' });
    expect(told).toEqual([{ kind: 'notice', text: 'hello' }]);
  });

  test('does not come back where the sandbox knows nobody by that name, and says so once', async () => {
    wire().opens();
    const answer = line.send(say);
    wire().breaks(1008);
    expect(await answer).toEqual(gone);
    vi.advanceTimersByTime(60_000);
    expect([turnedAway, wires.length]).toEqual([1, 1]);
  });

  test('says of every request that waits when it breaks that nobody is there', async () => {
    wire().opens();
    const outcome = line.send(say);
    wire().breaks();
    expect(await outcome).toEqual(gone);
    expect(standing).toEqual([true, false]);
  });

  test('sends nothing while there is none', async () => {
    expect(await line.send(say)).toEqual(gone);
    expect(wire().sent).toEqual([]);
  });

  test('comes back by itself, after pauses that grow and start small again', () => {
    const pauses = [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000];
    for (const pause of pauses) {
      const before = wires.length;
      wire().breaks();
      vi.advanceTimersByTime(pause - 1);
      expect(wires).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(wires).toHaveLength(before + 1);
    }
    wire().opens();
    wire().breaks();
    vi.advanceTimersByTime(250);
    expect(wires).toHaveLength(pauses.length + 2);
  });

  test('that was hung up says nothing any more and does not come back', async () => {
    wire().opens();
    const outcome = line.send(say);
    line.hangUp();
    expect(await outcome).toEqual(gone);
    wire().says({ kind: 'notice', text: 'late' });
    wire().breaks();
    vi.advanceTimersByTime(60_000);
    expect([told, standing, wires.length]).toEqual([[], [true], 1]);
  });
});

import pg from 'pg';

/** There is more to answer than can be answered in time: nothing was done, come back later. */
export class Overloaded extends Error {
  override name = 'Overloaded';
}

/** No answer within the time that a caller waits. It may still be written down; nobody is told it. */
export class TooLate extends Error {
  override name = 'TooLate';
}

export interface SharingLimits {
  /** Statements at a time. */
  atOnce: number;
  /**
   * One more is begun beside another where so much waits for it, or where the other takes so long (ms). Few large
   * statements cost less than many small ones, but nobody waits behind one that is held up.
   */
  worthAnother?: { weight: number; afterMs: number };
  /** Weight of one statement, and of everything that waits. */
  most: number;
  waiting: number;
  /** How long a caller waits from the question to the answer (ms). */
  patienceMs: number;
}

export interface SharingWork<I, O> {
  /** One statement for all of them; the outcomes in the same order. */
  together(items: readonly I[]): Promise<O[]>;
  /** The same for one, after the statement for all of them failed; for as long as it is wanted. */
  alone(item: I, wanted: () => boolean): Promise<O>;
  weight(item: I): number;
}

export interface Sharing<I, O> {
  /**
   * @throws Overloaded, without having done anything
   * @throws TooLate, after `patienceMs`
   */
  ask(item: I): Promise<O>;
  /** How much waits. */
  waiting(): number;
  /** Resolves when nothing is being done. */
  idle(): Promise<void>;
}

interface Asked<I, O> {
  item: I;
  answered: boolean;
  resolve(outcome: O): void;
  reject(error: unknown): void;
}

/**
 * Callers that arrive while a statement is in flight share the next one, so that each does not pay for a round trip and a
 * flush to disk of its own. A statement always begins after the question that it answers was asked.
 */
export function sharing<I, O>(work: SharingWork<I, O>, limits: SharingLimits): Sharing<I, O> {
  let queue: Asked<I, O>[] = [];
  let waiting = 0;
  let inFlight = 0;
  const idlers: (() => void)[] = [];

  const take = (): Asked<I, O>[] => {
    let weight = 0;
    let count = 0;
    for (const asked of queue) {
      const next = asked.answered ? 0 : work.weight(asked.item);
      if (count > 0 && weight + next > limits.most) break;
      weight += next;
      count += 1;
    }
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    waiting -= taken.reduce((sum, { item }) => sum + work.weight(item), 0);
    return taken.filter(({ answered }) => !answered);
  };

  let slow = 0;
  const worth = limits.worthAnother ?? { weight: 0, afterMs: 0 };
  const mayBegin = (): boolean =>
    inFlight === 0 || (inFlight < limits.atOnce && (waiting >= worth.weight || slow === inFlight));

  const begin = (batch: readonly Asked<I, O>[]): void => {
    let isSlow = false;
    const patience = setTimeout(() => {
      isSlow = true;
      slow += 1;
      flush();
    }, worth.afterMs);
    inFlight += 1;
    answerAll(work, batch).finally(() => {
      clearTimeout(patience);
      if (isSlow) slow -= 1;
      inFlight -= 1;
      flush();
    });
  };

  const flush = (): void => {
    while (queue.length > 0 && mayBegin()) {
      const batch = take();
      if (batch.length > 0) begin(batch);
    }
    if (inFlight === 0) for (const idler of idlers.splice(0)) idler();
  };

  return {
    ask: (item) =>
      new Promise((resolve, reject) => {
        const weight = work.weight(item);
        if (waiting + weight > limits.waiting) return reject(new Overloaded('Too much is waiting to be answered.'));
        const asked: Asked<I, O> = { item, answered: false, resolve, reject };
        settleOnce(asked, limits.patienceMs);
        queue.push(asked);
        waiting += weight;
        // After whatever else has arrived by now: a first caller does not go alone where others stand behind it.
        if (queue.length === 1) setImmediate(flush);
      }),
    waiting: () => waiting,
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        flush();
      }),
  };
}

/** The first word to the caller is the only one, and comes in time. */
function settleOnce<I, O>(asked: Asked<I, O>, patienceMs: number): void {
  const { resolve, reject } = asked;
  const once = (settle: () => void): void => {
    if (asked.answered) return;
    asked.answered = true;
    clearTimeout(patience);
    settle();
  };
  const patience = setTimeout(() => {
    once(() => reject(new TooLate(`No answer within ${patienceMs} ms.`)));
  }, patienceMs);
  asked.resolve = (outcome) => once(() => resolve(outcome));
  asked.reject = (error) => once(() => reject(error));
}

async function answerAll<I, O>(work: SharingWork<I, O>, batch: readonly Asked<I, O>[]): Promise<void> {
  try {
    const outcomes = await work.together(batch.map(({ item }) => item));
    batch.forEach((asked, i) => {
      const outcome = outcomes[i];
      if (outcome === undefined) asked.reject(new Error('The database left a question without an answer.'));
      else asked.resolve(outcome);
    });
  } catch (error) {
    if (isOfOneItem(error)) await oneByOne(work, batch);
    else for (const asked of batch) asked.reject(error);
  }
}

/** Once each, so that whoever made the statement fail is alone with it. Those who gave up meanwhile are not asked about. */
async function oneByOne<I, O>(work: SharingWork<I, O>, batch: readonly Asked<I, O>[]): Promise<void> {
  for (const asked of batch) {
    const wanted = () => !asked.answered;
    if (wanted()) await work.alone(asked.item, wanted).then(asked.resolve, asked.reject);
  }
}

/**
 * PostgreSQL refused the statement for something in it (data, constraint, race, lock) and undid all of it. Anything else
 * is an outage, which asking one by one would only draw out; after a lost connection nobody knows what was written.
 */
export const isOfOneItem = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && /^(22...|23...|40...|55P03|P0001)$/.test(error.code ?? '');

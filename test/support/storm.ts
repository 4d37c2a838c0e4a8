/** Questions about things that end while they are asked about, from many connections. */
export interface Storm<T> {
  about: readonly T[];
  /** Questions in all, at least. */
  questions: number;
  atOnce: number;
  ask(about: T, question: number): Promise<Verdict>;
  /** Resolves when the end is acknowledged. */
  end(about: T): Promise<unknown>;
}

export type Verdict = 'yes' | 'no' | 'no answer';

/** How often each was heard, by when the question was sent. */
export interface Weathered {
  before: Record<Verdict, number>;
  /** After the end was acknowledged. */
  after: Record<Verdict, number>;
}

/** Of so many questions, one is about each of the last so many things. */
const LOOKING_BACK = 3;

/**
 * Each thing is asked about before its end, during it, after it, and still while the next ones end. What is acknowledged
 * is looked at as a question is sent, in the one thread of this process: there is no clock to be wrong.
 */
export async function storm<T>({ about, questions, atOnce, ask, end }: Storm<T>): Promise<Weathered> {
  const heard: Weathered = { before: { yes: 0, no: 0, 'no answer': 0 }, after: { yes: 0, no: 0, 'no answer': 0 } };
  const acknowledged = new Set<T>();
  const count = counter();
  let turn = 0;
  let over = false;

  const askNext = async (): Promise<void> => {
    const question = count.next();
    const one = about[Math.max(0, turn - (question % LOOKING_BACK))];
    if (one === undefined) return;
    const when = acknowledged.has(one) ? 'after' : 'before';
    heard[when][await ask(one, question)] += 1;
  };
  const asker = async (): Promise<void> => {
    while (!over) await askNext();
  };
  const endEach = async (): Promise<void> => {
    const half = Math.ceil(questions / about.length / 2);
    for (const [i, one] of about.entries()) {
      turn = i;
      await count.more(half);
      await end(one);
      acknowledged.add(one);
      await count.more(half);
    }
  };
  const ended = endEach().finally(() => {
    over = true;
  });
  await Promise.all([ended, ...Array.from({ length: atOnce }, asker)]);
  return heard;
}

/** Counts, and says when so many more were counted. */
function counter() {
  let counted = 0;
  let awaited = { at: 0, reached: () => {} };
  return {
    next: (): number => {
      counted += 1;
      if (counted === awaited.at) awaited.reached();
      return counted;
    },
    more: (times: number): Promise<void> =>
      new Promise((reached) => {
        awaited = { at: counted + times, reached };
      }),
  };
}

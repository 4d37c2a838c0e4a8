/** Questions about things that end while they are asked about, from many connections. */
export interface Storm<T> {
  about: readonly T[];
  /** Questions in all. */
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

/**
 * Each thing is asked about for a while before its end, during it, and still while the next ones end. What is
 * acknowledged is looked at as a question is sent, in the one thread of this process: there is no clock to be wrong.
 */
export async function storm<T>({ about, questions, atOnce, ask, end }: Storm<T>): Promise<Weathered> {
  const heard: Weathered = { before: { yes: 0, no: 0, 'no answer': 0 }, after: { yes: 0, no: 0, 'no answer': 0 } };
  const acknowledged = new Set<T>();
  const endings: Promise<unknown>[] = [];
  const each = Math.floor(questions / about.length);
  let sent = 0;

  const endNow = (one: T | undefined): void => {
    if (one !== undefined) endings.push(end(one).then(() => acknowledged.add(one)));
  };
  const askNext = async (): Promise<void> => {
    const question = sent;
    sent += 1;
    const turn = Math.floor(question / each);
    if (question % each === Math.floor(each / 3)) endNow(about[turn]);
    const one = about[Math.max(0, turn - (question % LOOKING_BACK))];
    if (one === undefined) return;
    const when = acknowledged.has(one) ? 'after' : 'before';
    heard[when][await ask(one, question)] += 1;
  };
  const asker = async (): Promise<void> => {
    while (sent < each * about.length) await askNext();
  };
  await Promise.all(Array.from({ length: atOnce }, asker));
  await Promise.all(endings);
  return heard;
}

/** Of so many questions, one is about each of the last so many things. */
const LOOKING_BACK = 3;

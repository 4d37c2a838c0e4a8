import pg from 'pg';
import { type Sharing, type SharingLimits, sharing } from '../../src/store/checks/sharing.ts';

/** A statement under way; the test says when it is over, and how. */
export interface Flight {
  items: readonly string[];
  /** Answers each with `about ITEM`, or with what is given. */
  land(answers?: string[]): Promise<void>;
  fail(error: Error): Promise<void>;
}

export interface ByHand {
  desk: Sharing<string, string>;
  /** Statements for all, in the order in which they began. */
  flights: Flight[];
  /** What was asked by itself, in order. */
  alone: string[];
}

export const limits: SharingLimits = { atOnce: 1, most: 3, waiting: 10, patienceMs: 2_000 };

/** Statements that take as long as the test likes. An item weighs one, and one more for each letter after a `+` in its name. */
export function sharingByHand(
  overrides: Partial<SharingLimits> = {},
  answerAlone: (item: string) => Promise<string> = async (item) => `${item} alone`,
): ByHand {
  const flights: Flight[] = [];
  const alone: string[] = [];
  const together = (items: readonly string[]): Promise<string[]> =>
    new Promise((resolve, reject) => {
      flights.push({
        items: [...items],
        land: async (answers = items.map((item) => `about ${item}`)) => {
          resolve(answers);
          await turn();
        },
        fail: async (error) => {
          reject(error);
          await turn();
        },
      });
    });
  const work = {
    together,
    alone: (item: string) => {
      alone.push(item);
      return answerAlone(item);
    },
    weight: (item: string) => 1 + (item.split('+')[1]?.length ?? 0),
  };
  return { desk: sharing(work, { ...limits, ...overrides }), flights, alone };
}

/** Whatever was to happen by itself has happened. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** PostgreSQL says no, with a SQLSTATE. */
export const refusal = (code: string): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError('no', 2, 'error'), { code });

/** Whether something was answered by now, and how. */
export function listen<T>(answer: Promise<T>): { heard: T | Error | null } {
  const ear: { heard: T | Error | null } = { heard: null };
  answer.then(
    (heard) => {
      ear.heard = heard;
    },
    (error: Error) => {
      ear.heard = error;
    },
  );
  return ear;
}

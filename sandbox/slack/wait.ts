/** Waiting for a state of affairs: looked at again after every change, never polled. */
import type { Changes } from './changes.ts';

export interface WaitOptions {
  /** Milliseconds until the wait fails; 4,000 unless told, below vitest's own limit so that ours is the message. */
  timeoutMs?: number;
}

const WAIT_MS = 4_000;

/** What may be waited for: anything but these. */
export type Truthy<T> = Exclude<T, undefined | null | false | 0 | ''>;

const isTruthy = <T>(value: T): value is T & Truthy<T> => Boolean(value);

/**
 * Resolves with the first truthy value of `look`. Rejects when `look` throws, when time is up (the message says what
 * was awaited and what `history` tells of the last calls), or when the server stops.
 */
export function until<T>(
  changes: Changes,
  look: () => T,
  what: string,
  history: () => string,
  { timeoutMs = WAIT_MS }: WaitOptions = {},
): Promise<Truthy<T>> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      off();
      finish();
    };
    const glance = () => {
      try {
        const value = look();
        if (isTruthy(value)) settle(() => resolve(value));
      } catch (error) {
        settle(() => reject(error));
      }
    };
    const timer = setTimeout(
      () => settle(() => reject(new Error(`waited ${timeoutMs} ms for ${what}\n${history()}`))),
      timeoutMs,
    );
    const off = changes.on((change) => {
      if (change.kind === 'stopped')
        settle(() => reject(new Error(`the local Slack stopped while waiting for ${what}`)));
      else glance();
    });
    glance();
  });
}

import { EXIT_CONFIGURATION } from '../config/mistakes.ts';

/** Exit codes (docs/command-line.md, "Exit codes"). */
export const exits = {
  done: 0,
  /** Refused by a rule, or failed. */
  refused: 1,
  /** Typed in a way that can't be meant. */
  use: 2,
  /** There is no such thing, or nothing to look at. */
  nothing: 3,
  /** Nobody is signed in, or nobody that the API knows. */
  stranger: 4,
  /** No answer, or none now: unreachable, too slow, overloaded. What was sent may be tried again. */
  unreachable: 5,
  configuration: EXIT_CONFIGURATION,
} as const;

/** How a request or an access ended, for `watch` and `request --wait`. */
export const endings: Readonly<Record<string, number>> = {
  ended: 0,
  expired: 0,
  denied: 10,
  withdrawn: 11,
  lapsed: 12,
  revoked: 13,
};

/** Somebody has to type it in another way. */
export class WrongUse extends Error {
  override name = 'WrongUse';
}

/** It was not done: a sentence for people, and the code that scripts get. */
export class NotDone extends Error {
  override name = 'NotDone';
  readonly code: number;
  /** What the API sent, where it was JSON; printed where JSON was asked for. */
  readonly document: unknown;
  constructor(code: number, sentence: string, document?: unknown) {
    super(sentence);
    this.code = code;
    this.document = document;
  }
}

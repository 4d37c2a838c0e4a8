import type { Permalink } from './permalink.ts';

/** Who reads: whose names, whose clock, whose zone, and which way messages of the workspace are. */
export interface Reader {
  /** The name behind an id of a person, channel or group. */
  nameOf(id: string): string | undefined;
  /** By the sandbox's clock: "today" is said relative to it. */
  now: Date;
  /** An IANA zone; the browser's own unless told. */
  zone?: string | undefined;
  /** Whom a menu of people offers. */
  people?: readonly { id: string; name: string }[] | undefined;
  /** The way to a message of this workspace; without it, its permalinks lead nowhere. */
  wayTo?: ((message: Permalink) => Way) | undefined;
}

export interface Way {
  /** Opens it in a window of its own. */
  href: string;
  /** Opens it in this window. */
  open(): void;
}

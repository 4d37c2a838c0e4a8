/** Who reads: whose names, whose clock, whose zone. */
export interface Reader {
  /** The name behind an id of a person, channel or group. */
  nameOf(id: string): string | undefined;
  /** By the sandbox's clock: "today" is said relative to it. */
  now: Date;
  /** An IANA zone; the browser's own unless told. */
  zone?: string | undefined;
  /** Whom a menu of people offers. */
  people?: readonly { id: string; name: string }[] | undefined;
}

/** What the window's address says: who sits here, where they look, and whether they only watch the tour. */
export interface Address {
  /** A key of the cast. */
  as: string;
  /** A channel's id or its name; null leaves it to the page. */
  channel: string | null;
  /** The `ts` of a message there that is looked for; it is gone from the address once it was found. */
  message: string | null;
  tour: boolean;
}

/** The product is seen first by the one who asks for access. */
export const FIRST = 'olivia';

export function readAddress(search: string): Address {
  const words = new URLSearchParams(search);
  return {
    as: words.get('as') || FIRST,
    channel: words.get('channel'),
    message: words.get('message'),
    tour: words.has('tour'),
  };
}

export function writeAddress({ as, channel, message, tour }: Address): string {
  const where = { ...(channel !== null && { channel }), ...(message !== null && { message }) };
  const words = new URLSearchParams({ as, ...where });
  return `/?${words}${tour ? '&tour' : ''}`;
}

/** Where the sandbox listens for this window. */
export function lineAddress(host: string, { as, tour }: Address): string {
  return `ws://${host}/live?${new URLSearchParams({ as })}${tour ? '&tour' : ''}`;
}

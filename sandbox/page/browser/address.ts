/** What the window's address says: who sits here, where they look, and whether they only watch the tour. */
export interface Address {
  /** A key of the cast. */
  as: string;
  /** A channel's id or its name; null leaves it to the page. */
  channel: string | null;
  tour: boolean;
}

/** The product is seen first by the one who asks for access. */
export const FIRST = 'olivia';

export function readAddress(search: string): Address {
  const words = new URLSearchParams(search);
  return { as: words.get('as') || FIRST, channel: words.get('channel'), tour: words.has('tour') };
}

export function writeAddress({ as, channel, tour }: Address): string {
  const words = new URLSearchParams({ as, ...(channel === null ? {} : { channel }) });
  return `/?${words}${tour ? '&tour' : ''}`;
}

/** Where the sandbox listens for this window. */
export function lineAddress(host: string, { as, tour }: Address): string {
  return `ws://${host}/live?${new URLSearchParams({ as })}${tour ? '&tour' : ''}`;
}

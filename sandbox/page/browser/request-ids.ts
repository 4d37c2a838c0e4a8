/** Rows that belong to the same piece of work, made recognisable. Pure. */

export interface Mark {
  /** "A", "B", … in the order in which the work was done. */
  letter: string;
  /** Which of the colours; they come round again, letters do not. */
  hue: number;
}

const HUES = 6;
const LETTERS = 26;

/** A mark for each request_id, in the order in which they come first. */
export function marksOf(rows: readonly { requestId: string }[]): Map<string, Mark> {
  const ids = [...new Set(rows.map(({ requestId }) => requestId))];
  return new Map(ids.map((id, place) => [id, { letter: letterOf(place), hue: place % HUES }]));
}

/** A to Z, then A2 to Z2. */
function letterOf(place: number): string {
  const round = Math.floor(place / LETTERS);
  return String.fromCharCode('A'.charCodeAt(0) + (place % LETTERS)) + (round === 0 ? '' : String(round + 1));
}

/** Enough of an id to tell it from its neighbours. */
export const shortId = (id: string): string => id.slice(0, 8);

import { type Html, html } from './html.ts';

/** A moment of a session, numbered as in the table beneath. Times in milliseconds since 1970. */
export interface Mark {
  number: number;
  at: number;
  /** What comes days after a session is drawn beside it, not to scale. */
  later: boolean;
}

export interface Timeline {
  marks: readonly Mark[];
  /** When it was asked for, when it began to count, when it was over; null where that is not so. */
  asked: number | null;
  began: number | null;
  over: number | null;
  uses: readonly { at: number; allowed: number; denied: number }[];
  /** In a sentence, for who does not see it. */
  words: string;
}

const wide = 900;
const room = { left: 16, right: 16, later: 150 };
const line = { bars: 22, base: 86, band: 14, first: 112, step: 18 };

/** A session as a picture: waiting, active, each use, each step; to scale up to its end. */
export function timeline({ marks, asked, began, over, uses, words }: Timeline): Html {
  const inside = marks.filter(({ later }) => !later);
  const times = [...inside.map(({ at }) => at), ...uses.map(({ at }) => at)];
  const [from, to] = [Math.min(...times), Math.max(...times)];
  if (times.length === 0 || !Number.isFinite(from) || !Number.isFinite(to)) return html``;
  const laters = marks.filter(({ later }) => later);
  const end = wide - room.right - (laters.length > 0 ? room.later : 0);
  const x = (at: number): number => round(room.left + ((at - from) / Math.max(to - from, 1)) * (end - room.left));
  const placed = [
    ...inside.map(({ number, at }) => ({ number, x: x(at) })),
    ...laters.map(({ number }, i) => ({ number, x: round(end + ((i + 1) * room.later) / (laters.length + 1)) })),
  ];
  const rows = rowsFor(placed.map((mark) => mark.x));
  const high = line.first + (Math.max(0, ...rows) + 1) * line.step;
  const most = Math.max(1, ...uses.map(({ allowed, denied }) => allowed + denied));
  return html`<svg viewBox="0 0 ${wide} ${high}" role="img" aria-label="${words}">
${band('wait', asked ?? from, began ?? over ?? to, x)}${began === null ? html`` : band('live', began, over ?? to, x)}
<line class="axis" x1="${room.left}" y1="${line.base}" x2="${end}" y2="${line.base}"/>
${laters.length > 0 ? html`<line class="later" x1="${end}" y1="${line.base}" x2="${wide - room.right}" y2="${line.base}"/>` : html``}
${uses.map(({ at, allowed, denied }) => bar(x(at), allowed / most, denied / most))}
${placed.map(({ number, x: at }, i) => markAt(number, at, line.first + (rows[i] ?? 0) * line.step))}
<text x="${room.left}" y="14">${clock(from)}</text>
<text x="${end}" y="14" text-anchor="end">${clock(to)}</text>
</svg>`;
}

function band(name: string, from: number, to: number, x: (at: number) => number): Html {
  const [left, right] = [x(from), x(to)];
  if (right < left) return html``;
  return html`<rect class="${name}" x="${left}" y="${line.base - line.band}" width="${round(Math.max(right - left, 1))}" height="${line.band}"/>`;
}

function bar(x: number, allowed: number, denied: number): Html {
  const room = line.base - line.band - line.bars;
  const [up, over] = [round(allowed * room), round(denied * room)];
  const floor = line.base - line.band;
  return html`<rect class="allowed" x="${x - 1}" y="${round(floor - up)}" width="2" height="${up}"/><rect class="denied" x="${x - 1}" y="${round(floor - up - over)}" width="2" height="${over}"/>`;
}

/** Hangs from the axis, or from the mark above it. */
const markAt = (number: number, x: number, y: number): Html =>
  html`<line class="axis" x1="${x}" y1="${y === line.first ? line.base : y - line.step + 8}" x2="${x}" y2="${y - 8}"/><circle class="mark" cx="${x}" cy="${y}" r="8"/><text x="${x}" y="${y + 4}" text-anchor="middle">${number}</text>`;

/** Marks that would cover each other stand beneath each other. */
function rowsFor(places: readonly number[]): number[] {
  const last: number[] = [];
  return places.map((place) => {
    const free = last.findIndex((taken) => Math.abs(place - taken) >= 20);
    const row = free < 0 ? Math.min(last.length, 11) : free;
    last[row] = place;
    return row;
  });
}

const round = (value: number): number => Math.round(value * 10) / 10;
const clock = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

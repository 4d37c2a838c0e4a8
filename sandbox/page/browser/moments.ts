/** Times as people read them, in their own zone, with dates as Slack writes them; lengths of time in words. */

const inWords = (options: Intl.DateTimeFormatOptions) => {
  const format = new Intl.DateTimeFormat('en-US', { hourCycle: 'h23', ...options });
  return (at: string | number): string => format.format(new Date(at));
};

/** 10:15 */
export const timeOfDay = inWords({ hour: '2-digit', minute: '2-digit' });
/** 10:15:07 */
export const timeToTheSecond = inWords({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** Saturday, November 21, 2026 */
export const day = inWords({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
/** Sat, Nov 21 */
export const shortDay = inWords({ weekday: 'short', day: 'numeric', month: 'short' });
/** Nov 21, 10:15 */
export const moment = inWords({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
] as const;

/** "2 h 5 min", "4 min 10 s": the two largest parts; "now" where nothing is left. */
export function lengthOfTime(ms: number): string {
  let rest = Math.max(0, ms);
  const parts = units.map(({ name, ms: size }) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { name, count };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return 'now';
  const shown = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return shown.map(({ name, count }) => `${count} ${name}`).join(' ');
}

/** Whoever knocks often is no news (ms). */
const SAID_EVERY_MS = 60_000;

/**
 * Says the first of a kind at once; the same again within a minute is counted and said with the first after it.
 * @param say told what happened, and how often since it was said last
 */
export function seldom(say: (what: string, times: number) => void): (what: string) => void {
  const unsaid = new Map<string, number>();
  return (what) => {
    const times = unsaid.get(what);
    if (times !== undefined) return void unsaid.set(what, times + 1);
    say(what, 1);
    unsaid.set(what, 0);
    setTimeout(() => {
      const more = unsaid.get(what) ?? 0;
      unsaid.delete(what);
      if (more > 0) say(what, more);
    }, SAID_EVERY_MS).unref();
  };
}

import type { Standing } from '../domain/people.ts';
import type { Directory } from './directory.ts';

/** How long Slack's word on somebody is kept, the word that it did not answer included (ms). */
export const ASK_AGAIN_MS = 20_000;
const ASKED_AT_MOST = 1_000;

/**
 * Asks Slack about the same account now and then, not with each request. A question that failed is asked anew at once.
 *
 * @param elapsed milliseconds by a clock that only goes forward
 */
export function lately(
  { lookUp }: Pick<Directory, 'lookUp'>,
  elapsed: () => number,
): (account: string) => Promise<Standing> {
  const asked = new Map<string, { standing: Promise<Standing>; at: number }>();
  return (account) => {
    const before = asked.get(account);
    if (before && elapsed() - before.at < ASK_AGAIN_MS) return before.standing;
    const standing = lookUp(account.split(':').at(-1) ?? '').then((known) => known.standing);
    asked.set(account, { standing, at: elapsed() });
    standing.catch(() => asked.get(account)?.standing === standing && asked.delete(account));
    if (asked.size > ASKED_AT_MOST) asked.delete(asked.keys().next().value ?? '');
    return standing;
  };
}

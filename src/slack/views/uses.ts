import { type Grant, stateAt } from '../../domain/grant.ts';
import type { Uses } from '../../domain/uses.ts';
import { moment, typed } from '../text.ts';

interface Used {
  grant: Grant;
  now: Date;
  uses: Uses | null;
}

/** So many actions are named, the most used first; the others are counted. */
const ACTIONS_NAMED = 5;
const ACTION_LENGTH = 60;

/**
 * What was done under a grant so far. Null where there is nothing to say: it was never active, or nothing was done yet
 * and still may be.
 */
export function usesSentence({ grant, now, uses }: Used): string | null {
  if (!('activatedAt' in grant.status)) return null;
  if (uses) return whatWasDone(uses);
  return stateAt(grant, now) === 'active' ? null : 'Never used.';
}

/** The same in a few words, of access that is over. */
export function usesInShort(uses: Uses | null): string {
  if (uses === null) return 'never used';
  const used = uses.allowed === 0 ? 'never used' : `used ${times(uses.allowed)}`;
  return uses.refused === 0 ? used : `${used}, ${tries(uses.refused)} refused`;
}

function whatWasDone({ allowed, refused, byAction, firstAt, lastAt }: Uses): string {
  const used = allowed === 0 ? 'Never used' : `Used ${times(allowed)}: ${countsOf(byAction, 'allowed')}`;
  const tried = refused === 0 ? '' : `; ${tries(refused)} refused: ${countsOf(byAction, 'refused')}`;
  const when =
    allowed + refused === 1 ? `That was ${moment(lastAt)}` : `First ${moment(firstAt)}, last ${moment(lastAt)}`;
  return `${used}${tried}. ${when}.`;
}

function countsOf(byAction: Uses['byAction'], answer: 'allowed' | 'refused'): string {
  const counted = byAction.filter((each) => each[answer] > 0).sort((a, b) => b[answer] - a[answer]);
  const named = counted.slice(0, ACTIONS_NAMED).map((each) => `${typed(each.action, ACTION_LENGTH)} ${each[answer]}`);
  const more = counted.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
const tries = (count: number): string => (count === 1 ? '1 try' : `${count} tries`);

import type { Administrator } from '../../usecases/administer.ts';
import type { Refused } from '../../usecases/context.ts';
import { problemOf } from '../problem.ts';
import type { Asked } from './endpoint.ts';

/** Who administers: the caller, within its bounds. */
export const administratorOf = ({ caller }: Pick<Asked<unknown, unknown, unknown>, 'caller'>): Administrator => ({
  name: caller.name,
  tenants: caller.tenants,
  key: caller.kind === 'program' ? caller.key.id : null,
});

/** What an act of administration gave; a refused one is on record by then. */
export function given<Done extends { kind: 'done' }>(outcome: Done | Refused): Done {
  if (outcome.kind === 'refused') throw problemOf(outcome.refusal);
  return outcome;
}

/** What was sent, without what was left out. */
export function sentOf<T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const sent = Object.entries(change).filter(([, value]) => value !== undefined);
  return Object.fromEntries(sent) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

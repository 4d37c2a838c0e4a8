import type pg from 'pg';
import type { SandboxClock } from '../../sandbox/clock.ts';
import type { Actor } from '../../src/domain/people.ts';
import { endKey } from '../../src/usecases/api-keys.ts';
import { closeDue } from '../../src/usecases/close-due.ts';
import type { Context, Outcome } from '../../src/usecases/context.ts';
import { end } from '../../src/usecases/end.ts';
import { revoke } from '../../src/usecases/revoke.ts';
import { close, inScope } from './builders.ts';

/** Access that somebody has, and how they are named outside. */
export interface Held {
  grant: string;
  tenant: { id: string; key: string };
  person: string;
  subject: string;
}

export type Ending = (held: Held) => Promise<unknown>;

export interface EndingParts {
  context: Context;
  /** A person who holds the role of security. */
  security: string;
  clock: SandboxClock;
  /** How far apart the ends of accesses that run out are. */
  apartMs: number;
}

/** The ways in which access ends, each as it really happens. */
export function endings({ context, security, clock, apartMs }: EndingParts): Record<EndingName, Ending> {
  const guard: Actor = actor(security, 'slack:T0HOME:U0GUARD', { security: 'named' });
  let works = 0;
  const work = () => {
    works += 1;
    return { requestId: `ending-${works}`, deliveryKey: null };
  };
  return {
    'is revoked': ({ grant }) =>
      done(revoke(context, { actor: guard, grant, reason: 'The incident is over, says the owner' }, work())),
    'is given back': ({ grant, person, subject }) =>
      done(end(context, { actor: actor(person, subject), grant }, work())),
    'runs out, and nobody sweeps': () => clock.advance(apartMs),
    'runs out, and is swept': async () => {
      await clock.advance(apartMs);
      // A sweep before may have closed it too, where more time has passed than was meant to.
      await closeDue(context, work().requestId);
    },
  };
}

type EndingName = 'is revoked' | 'is given back' | 'runs out, and nobody sweeps' | 'runs out, and is swept';

/** Ends access past every use case: whoever locks the row as they do is safe too. */
export const byHand =
  (session: pg.Client): Ending =>
  ({ grant, tenant }) =>
    inScope(session, tenant.id, async () => {
      await session.query('select 1 from grants where id = $1 for update', [grant]);
      await close(session, grant, 'revoked');
    });

export async function revokeKey({ db }: Context, name: string): Promise<void> {
  if (!(await endKey(db, name, 'system:test', 'a-test'))) throw new Error(`There is no key ${name}.`);
}

const actor = (person: string, name: string, roles: Actor['roles'] = { operator: 'named' }): Actor => ({
  ...{ person, name, roles },
  standing: 'member',
});

async function done(outcome: Promise<Outcome>): Promise<void> {
  const { kind } = await outcome;
  if (kind !== 'done') throw new Error(`An ending was ${kind}.`);
}

/** Answers on record that no end may leave behind: allowed at or after the end of the access they rest on. */
export const allowedAfterTheEnd = `
  select a.id from audit_events a join grants g on g.id = a.grant_id
   where a.action = 'access.allowed' and a.at >= least(g.closed_at, g.expires_at)`;

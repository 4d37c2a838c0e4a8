import { type Answer, deniedUnasked, type Unavailable } from './answer.ts';
import { ask } from './ask.ts';
import type { Doors } from './doors.ts';
import { type GuardOptions as Connection, settingsFrom } from './options.ts';
import { type PrismaExtension, type PrismaGuardOptions, prismaExtension } from './prisma.ts';
import { type Question, wholeOf } from './question.ts';
import { type Rule, requireGrant } from './require-grant.ts';

export interface GuardOptions extends Connection {
  /** Told of each check that could not be made, for the service's log: visitors only hear that it could not. */
  onUnavailable?: ((answer: Unavailable) => void) | undefined;
}

/** Asks one Breakglass server. All its parts may be taken off it and handed around. */
export interface Guard {
  /**
   * May this subject do this action on this tenant now? Each call that reaches the server is on record there, and
   * none is repeated. Outages are answers too: nothing but a question that is no JSON makes it throw (TypeError).
   */
  check: (question: Question) => Promise<Answer>;
  /** The door of a route, for Express, Fastify, Hono or a bare fetch handler. */
  requireGrant: <R extends object>(rule: Rule<R>) => Doors<R>;
  /** For `prisma.$extends(…)`: refuses queries that touch guarded models without a live grant. */
  prismaExtension: (options: PrismaGuardOptions) => PrismaExtension;
}

/** @throws TypeError where an option is not as expected; never with the key in it */
export function createGuard({ onUnavailable = () => {}, ...connection }: GuardOptions): Guard {
  const settings = settingsFrom(connection);
  const check = async (question: Question): Promise<Answer> => {
    const whole = wholeOf(question);
    if (typeof whole === 'string') return deniedUnasked(whole);
    const answer = await ask(settings, whole);
    if (answer.kind === 'unavailable') onUnavailable(answer);
    return answer;
  };
  return {
    check,
    requireGrant: (rule) => requireGrant(check, rule),
    prismaExtension: (options) => prismaExtension(check, options),
  };
}

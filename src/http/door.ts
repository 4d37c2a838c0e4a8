import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { ApiRole } from '../domain/words.ts';
import { takeRoom } from './authzen/routes.ts';
import type { Authenticate, Shown } from './identity/caller.ts';
import type { WrongTries } from './identity/wrong-tries.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import { Refused, unauthenticated } from './refusals.ts';

/** Who may come in, and how often somebody may try. */
export interface ApiDoor {
  authenticate: Authenticate;
  tries: WrongTries;
}

/**
 * What comes before every answer: who calls, how much they asked lately, and only then what they sent.
 * @param role of those who are let in; null where each route says so itself
 */
export function behindTheDoor(
  server: FastifyInstance,
  { authenticate, tries }: ApiDoor,
  role: ApiRole | null,
): RateLimit {
  const limit = rateLimit();
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { raw, ip } = request;
    // Two of them are none: who stands before us might have looked at the other one.
    const [authorization, ...more] = raw.headersDistinct.authorization ?? [];
    const pause = await tries.pause(ip, authorization);
    if (pause > 0) throw new Refused(429, 'Too many wrong keys came from there.', Math.ceil(pause / 1_000));
    const shown: Shown = { authorization, certificate: certificateOf(raw.socket) };
    const caller = more.length === 0 ? await authenticate(shown) : null;
    if (caller === null) {
      await tries.wrong(ip);
      throw unauthenticated();
    }
    tries.right(authorization);
    request.caller = caller;
    await takeRoom(limit, caller, 1);
    if (role !== null && !caller.roles.has(role)) throw new Refused(403, `This needs the role ${role}.`);
  });
  return limit;
}

/** The names of a client certificate's subject, where our authority signed it and it has not run out. */
function certificateOf(socket: object): Shown['certificate'] {
  if (!isTls(socket) || !socket.authorized) return null;
  const { subject } = socket.getPeerCertificate();
  const names = Object.entries(subject ?? {});
  const single = names.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
  // A name that is there twice is no name that the configuration could mean.
  return single.length === names.length && names.length > 0 ? Object.fromEntries(single) : null;
}

const isTls = (socket: object): socket is TLSSocket => 'getPeerCertificate' in socket;

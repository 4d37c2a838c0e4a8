import type { IncomingHttpHeaders } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { FastifyInstance } from 'fastify';
import type { ApiRole } from '../domain/words.ts';
import type { RefusalLog } from '../usecases/refusal-log.ts';
import { takeRoom } from './authzen/routes.ts';
import type { Authenticate, Caller, Shown } from './identity/caller.ts';
import { ProviderAway } from './identity/tokens.ts';
import type { WrongTries } from './identity/wrong-tries.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import { Refused, unauthenticated } from './refusals.ts';

/** Who may come in, and how often somebody may try. */
export interface ApiDoor {
  authenticate: Authenticate;
  tries: WrongTries;
  /** Puts on record that a caller tried what another role is for; nothing where nobody keeps records. */
  refused?: (caller: Caller, needs: ApiRole, about: string, requestId: string) => Promise<void>;
}

/** Puts a try with the wrong role on record, by the route that it was for. */
export const onRecord =
  (refusals: RefusalLog): NonNullable<ApiDoor['refused']> =>
  (caller, needs, about, requestId) =>
    refusals.record({
      actor: { name: caller.name },
      ...{ verb: 'call', refusal: { kind: 'wrong_role', needs: [needs] }, about, requestId },
    });

/**
 * What comes before every answer: who calls, how much they asked lately, and only then what they sent.
 * @param role of those who are let in; null where each route says so itself
 */
export function behindTheDoor(
  server: FastifyInstance,
  { authenticate, tries, refused }: ApiDoor,
  role: ApiRole | null,
): RateLimit {
  const limit = rateLimit();
  server.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store');
    const { raw, ip } = request;
    // Two of them are none: who stands before us might have looked at the other one.
    const [authorization, ...more] = raw.headersDistinct.authorization ?? [];
    const certificate = certificateOf(raw.socket);
    const credential = authorization ?? (certificate === null ? undefined : JSON.stringify(certificate));
    const pause = await tries.pause(ip, credential);
    if (pause > 0) throw new Refused(429, 'Too many wrong keys came from there.', Math.ceil(pause / 1_000));
    const shown: Shown = { authorization, certificate, fromBrowser: isFromBrowser(raw.headers) };
    const caller = more.length === 0 ? await authenticate(shown).catch(unlessAway) : null;
    if (caller === 'away') throw unauthenticated();
    if (caller === null) {
      await tries.wrong(ip);
      throw unauthenticated();
    }
    tries.right(credential);
    request.caller = caller;
    request.shown = shown;
    await takeRoom(limit, caller, 1);
    if (role === null || caller.roles.has(role)) return;
    await refused?.(caller, role, request.routeOptions.url ?? '', request.id);
    throw new Refused(403, `This needs the role ${role}.`);
  });
  return limit;
}

/**
 * Who may call is asked once more when all of the body is here: whoever sends it slowly is not let in by a key that was
 * revoked, or a link that was undone, meanwhile.
 */
export function stillAtTheDoor(server: FastifyInstance, { authenticate }: ApiDoor): void {
  server.addHook('preHandler', async (request) => {
    if (request.body === undefined) return;
    const caller = await authenticate(request.shown).catch(unlessAway);
    if (caller === null || caller === 'away' || caller.name !== request.caller.name) throw unauthenticated();
    request.caller = caller;
  });
}

/** A provider that can't be asked makes nobody somebody, and nobody's try a wrong one. */
function unlessAway(error: unknown): 'away' {
  if (error instanceof ProviderAway) return 'away';
  throw error;
}

const isFromBrowser = ({ origin, ...headers }: IncomingHttpHeaders): boolean =>
  origin !== undefined || !['none', 'same-origin'].includes(String(headers['sec-fetch-site'] ?? 'none'));

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

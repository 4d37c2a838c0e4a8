import type { FastifyInstance, FastifyReply } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { networkOf } from '../network.ts';

/** What one network may ask for in a minute. Many people may sit behind one address, and sign in in the same hour. */
const MOST = 600;
/** What leads nowhere counts for more: ten of these where there could be a sign-in. */
const DEAD_END = 10;
const WINDOW_SECONDS = 60;

/** Counts what is asked for here by where it comes from. Beyond the limit nothing is looked at any more. */
export function limitByNetwork(
  server: FastifyInstance,
  refuse: (reply: FastifyReply) => FastifyReply,
  most = MOST,
): void {
  const counts = new RateLimiterMemory({ points: most, duration: WINDOW_SECONDS });
  server.addHook('onRequest', async ({ ip }, reply) => {
    const { consumedPoints, msBeforeNext } = await counts.penalty(networkOf(ip), 1);
    if (consumedPoints > most) {
      return refuse(reply.header('retry-after', Math.max(1, Math.ceil(msBeforeNext / 1_000))));
    }
  });
  server.addHook('onSend', async ({ ip }, { statusCode }, payload) => {
    if (statusCode === 404) await counts.penalty(networkOf(ip), DEAD_END - 1);
    return payload;
  });
}

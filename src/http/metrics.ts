import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { isOutage } from '../store/checks/open.ts';

/** What the API is counted by, and what it shows of that. */
export interface Metering {
  /** Told of each answer; `route` is the pattern of the route, null where none was meant. */
  request(answered: { method: string; route: string | null; status: number; seconds: number }): void;
  scrape(format: 'prometheus' | 'openmetrics'): Promise<{ type: string; text: string }>;
}

/** Counts every answer of this server. Before its routes. */
export function countAnswers(server: FastifyInstance, { request: tell }: Metering): void {
  server.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? null : (request.routeOptions.url ?? null);
    tell({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1_000 });
  });
}

/** `GET /metrics`, behind the door (docs/metrics.md). */
export function metricsRoute(server: FastifyInstance, { scrape }: Metering): void {
  server.get('/metrics', async ({ headers }, reply) => {
    const { type, text } = await scrape(prefersOpenMetrics(headers.accept ?? '') ? 'openmetrics' : 'prometheus');
    // Bytes: a text would get its type written anew.
    return reply.type(type).send(Buffer.from(text));
  });
}

/** OpenMetrics where it is asked for by name and nothing else is asked for more (RFC 9110, section 12.5.1). */
export function prefersOpenMetrics(accept: string): boolean {
  const wishes = accept.split(',').map((wish) => {
    const [type = '', ...parameters] = wish.split(';').map((piece) => piece.trim().toLowerCase());
    const weight = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
    return { type, weight: Number.isFinite(weight) ? weight : 0 };
  });
  const weightOf = (type: string) =>
    Math.max(0, ...wishes.filter((wish) => wish.type === type).map(({ weight }) => weight));
  const open = weightOf('application/openmetrics-text');
  return open > 0 && open >= weightOf('text/plain');
}

/** Who was let in is remembered for so long, for when nobody can be asked (ms). */
const REMEMBERED_MS = 60 * 60_000;
const REMEMBERED_AT_MOST = 100;

/**
 * Keys are looked up live. While the database does not answer, whoever it vouched for within the hour is believed, for
 * figures alone: that it does not answer is the first thing that they should say.
 */
export function alsoInOutages<Shown, Caller>(
  authenticate: (shown: Shown) => Promise<Caller | null>,
): (shown: Shown) => Promise<Caller | null> {
  const known = new Map<string, { caller: Caller; forgetting: NodeJS.Timeout }>();
  const forget = (name: string): void => {
    clearTimeout(known.get(name)?.forgetting);
    known.delete(name);
  };
  return async (shown) => {
    const name = createHash('sha256')
      .update(JSON.stringify(shown) ?? '')
      .digest('hex');
    try {
      const caller = await authenticate(shown);
      forget(name);
      if (caller !== null && known.size < REMEMBERED_AT_MOST) {
        known.set(name, { caller, forgetting: setTimeout(() => forget(name), REMEMBERED_MS).unref() });
      }
      return caller;
    } catch (error) {
      const before = known.get(name);
      if (before === undefined || !isOutage(error)) throw error;
      return before.caller;
    }
  };
}

import Fastify from 'fastify';

/** The side door, listening. */
export interface ApiServer {
  port: number;
  stop(): Promise<void>;
}

/** Who sends half a request and waits does not hold up a stop for longer (ms). */
const GO_WITHIN_MS = 1_000;

export interface Health {
  /** What keeps the process from taking work now; empty when it is ready. One word each. */
  notReady(): Promise<string[]>;
}

/**
 * The API's port: alive (`/healthz`) and ready (`/readyz`), both open to anyone who can reach it and telling little.
 * A process that is stopping is alive and not ready, so that a load balancer looks elsewhere first.
 */
export async function startApi(health: Health, { port, host }: { port: number; host: string }): Promise<ApiServer> {
  const server = Fastify({ logger: false, bodyLimit: 64 * 1024 });
  server.get('/healthz', async () => ({ status: 'alive' }));
  server.get('/readyz', async (_request, reply) => {
    const missing = await health.notReady();
    return missing.length === 0 ? { status: 'ready' } : reply.code(503).send({ status: 'not ready', missing });
  });
  await server.listen({ port, host });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    stop: async () => {
      const impatient = setTimeout(() => server.server.closeAllConnections(), GO_WITHIN_MS);
      await server.close();
      clearTimeout(impatient);
    },
  };
}

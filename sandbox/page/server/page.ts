import { createServer, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { startStack } from '../../stack.ts';
import { tourMorning } from '../../tour.ts';
import { openBehind } from './behind.ts';
import { Board, type Played } from './board.ts';
import { bundlePage } from './bundle.ts';
import { type Refused, socketRefusedAt } from './guard.ts';
import { addressOf, answer } from './http.ts';
import { Live } from './live.ts';
import { readManifest } from './manifest.ts';
import type { OpenScenes } from './scenes.ts';
import { headersFor } from './skeleton.ts';
import { startTourOnPage } from './tour-on-page.ts';
import type { StartTour } from './tours.ts';

/** Somebody else listens where the page should be. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`Port ${port} is taken by another program.`);
  }
}

export interface PageServer {
  url: string;
  stop(): Promise<void>;
}

export interface PageOptions {
  /** 0 picks a free one. */
  port: number;
  /** The page's program. */
  entry?: URL;
  openScenes?: OpenScenes;
  startTour?: StartTour;
  /** A tour that nobody came to watch for so long (ms) is left. */
  unwatchedMs?: number;
}

/** The tour's sandbox begins in the morning, and has nothing in it that somebody played before. */
const tourOfItsOwn: StartTour = (onNews) =>
  startTourOnPage((signal) => startStack({ signal, startsAt: tourMorning() }), onNews);

/** Shows a running sandbox as a page, on this machine only. */
export async function startPage(
  played: Played,
  { port, entry = new URL('../browser/main.tsx', import.meta.url), ...parts }: PageOptions,
): Promise<PageServer> {
  const { openScenes = openBehind, startTour = tourOfItsOwn, unwatchedMs } = parts;
  const [bundle, installed] = await Promise.all([bundlePage(entry), readManifest()]);
  const server = createServer();
  const site = { bundle, port: await listening(server, port) };
  const openBoard = (shown: Played) => Board.open(shown, installed, openScenes);
  const own = await openBoard(played).catch(async (error: unknown) => {
    await closed(server);
    throw error;
  });
  const live = new Live(own, openBoard, startTour, unwatchedMs);
  server.on('request', (request, response) => {
    answer({ ...site, boards: () => live.boards() }, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const { pathname, words } = addressOf(request);
    const there = pathname === '/live';
    const refused = socketRefusedAt(site.port, request) ?? (there ? null : { status: 404, why: 'Nobody is there.' });
    if (refused) refuse(socket, site.port, refused);
    else live.accept(request, head, words);
  });
  return {
    url: `http://127.0.0.1:${site.port}`,
    stop: async () => {
      await live.stop();
      await closed(server);
      await own.close();
    },
  };
}

function refuse(socket: Duplex, port: number, { status, why }: Refused): void {
  const headers = Object.entries({ ...headersFor(`127.0.0.1:${port}`), connection: 'close' });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...headers.map((each) => each.join(': '))];
  socket.end(`${head.join('\r\n')}\r\n\r\n${why}\n`);
}

async function listening(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortTaken(port) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page has no port.');
  return address.port;
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

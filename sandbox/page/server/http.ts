import type { IncomingMessage, ServerResponse } from 'node:http';
import { cast } from '../../cast.ts';
import type { Board } from './board.ts';
import type { Bundle } from './bundle.ts';
import { refusedAt } from './guard.ts';
import { playerNamed } from './shown.ts';
import { headersFor, skeleton } from './skeleton.ts';

export interface Site {
  port: number;
  bundle: Bundle;
  boards: () => Promise<readonly Board[]>;
}

interface Answer {
  status: number;
  body: string | Buffer;
  headers: Readonly<Record<string, string>>;
}

const typed = (type: string, body: string): Answer => ({ status: 200, body, headers: { 'content-type': type } });
const said = (status: number, why: string, headers: Answer['headers'] = {}): Answer => ({
  ...{ status, body: `${why}\n` },
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
});

/** Answers with a page, its program, its looks or a file; nothing can be changed this way. */
export async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body, headers } = await answerTo(site, request);
  const host = request.headers.host === `localhost:${site.port}` ? request.headers.host : `127.0.0.1:${site.port}`;
  response.writeHead(status, { ...headersFor(host), ...headers }).end(body);
}

async function answerTo(site: Site, request: IncomingMessage): Promise<Answer> {
  const refused = refusedAt(site.port, request);
  if (refused) return said(refused.status, refused.why);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return said(405, 'This page is only read.', { allow: 'GET, HEAD' });
  }
  const { pathname, words } = addressOf(request);
  switch (pathname) {
    case '/':
      return typed('text/html; charset=utf-8', skeleton);
    case '/page.js':
      return typed('text/javascript; charset=utf-8', site.bundle.script);
    case '/page.css':
      return typed('text/css; charset=utf-8', site.bundle.styles);
  }
  const [, id] = /^\/files\/(\w+)$/.exec(pathname) ?? [];
  return (id && (await file(site, id, words))) || said(404, 'There is no such page.');
}

/** The path as it was sent, without resolving anything in it. */
export function addressOf({ url = '/' }: IncomingMessage): { pathname: string; words: URLSearchParams } {
  const [pathname = '/'] = url.split('?');
  return { pathname, words: new URLSearchParams(url.slice(pathname.length)) };
}

async function file({ boards }: Site, id: string, words: URLSearchParams): Promise<Answer | undefined> {
  const player = playerNamed(words.get('as') ?? '');
  if (player === undefined) return undefined;
  for (const board of await boards()) {
    const found = board.fileFor(cast[player].id, id);
    if (found) return attached(found.name, found.bytes);
  }
  return undefined;
}

const attached = (name: string, body: Buffer): Answer => ({
  ...{ status: 200, body },
  headers: {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
  },
});

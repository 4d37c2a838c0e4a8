import type { IncomingMessage } from 'node:http';

/** Why a request is not answered, as its status and a sentence. */
export interface Refused {
  status: number;
  why: string;
}

export const hostsOn = (port: number): readonly string[] => [`127.0.0.1:${port}`, `localhost:${port}`];

/**
 * Only the page itself may ask. A name that was made to lead to this machine shows in Host, a page from elsewhere in
 * Origin or, where a browser sends none, in Sec-Fetch-Site. A link from elsewhere may open the page, no more.
 */
export function refusedAt(port: number, { headers, url = '' }: IncomingMessage): Refused | null {
  const { host = '', origin } = headers;
  if (!hostsOn(port).includes(host)) return { status: 421, why: `This is http://127.0.0.1:${port} and nothing else.` };
  if (origin !== undefined && origin !== `http://${host}`) return fromElsewhere;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return null;
  const opensThePage = headers['sec-fetch-mode'] === 'navigate' && /^\/(\?|$)/.test(url);
  return opensThePage ? null : fromElsewhere;
}

/** A browser always says where the page that opens a socket comes from. */
export function socketRefusedAt(port: number, request: IncomingMessage): Refused | null {
  const refused = refusedAt(port, request);
  return refused ?? (request.headers.origin === undefined ? fromElsewhere : null);
}

const fromElsewhere: Refused = { status: 403, why: 'A page from elsewhere can do nothing here.' };

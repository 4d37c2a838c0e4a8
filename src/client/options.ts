export interface GuardOptions {
  /** Where the Breakglass server's API is, such as `https://breakglass.internal`; a path is kept as a prefix. */
  url: string;
  /** An API key of the server that may check. */
  key: string;
  /** How long a check may take altogether, connecting and reading included: 1 to 60,000 milliseconds. */
  timeoutMs?: number | undefined;
  /** Takes the place of the global one, for proxies and tracing. It must honour `signal` and `redirect`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Lets the key travel unencrypted to another machine: only where the network itself is trusted. */
  allowHttp?: boolean | undefined;
}

/** Options that hold. */
export interface Settings {
  /** The evaluation endpoint. */
  endpoint: string;
  key: string;
  timeoutMs: number;
  fetch: typeof globalThis.fetch;
}

const LONGEST_MS = 60_000;

/** @throws TypeError that says what was expected. What was found is not in it: it may be a secret in the wrong place. */
export function settingsFrom({
  url,
  key,
  timeoutMs = 1_000,
  fetch = globalThis.fetch,
  allowHttp = false,
}: GuardOptions): Settings {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TypeError('key: expected an API key, visible ASCII characters without spaces or line breaks');
  }
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > LONGEST_MS) {
    throw new TypeError(`timeoutMs: expected a whole number of milliseconds from 1 to ${LONGEST_MS}`);
  }
  if (typeof fetch !== 'function') throw new TypeError('fetch: expected a function, the global one by default');
  return { endpoint: endpointAt(baseOf(url, allowHttp)), key, timeoutMs, fetch };
}

function baseOf(url: string, allowHttp: boolean): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  const isBare = base?.username === '' && base.password === '' && !/[?#]/.test(url);
  if (base === null || !isBare || !['http:', 'https:'].includes(base.protocol)) {
    throw new TypeError('url: expected an http or https URL without user, password, query or fragment');
  }
  if (base.protocol === 'http:' && !allowHttp && !isLoopback(base.hostname)) {
    throw new TypeError('url: expected https, since the key travels with every check; allowHttp: true permits http');
  }
  return base;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);

const endpointAt = ({ origin, pathname }: URL): string =>
  `${origin}${pathname.replace(/\/+$/, '')}/access/v1/evaluation`;

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** 256 random bits: who has them is the browser that opened a link. */
const shape = /^[\w-]{43}$/;
/** As long as a sign-in may take (s). */
const LIFE_SECONDS = 30 * 60;

/** `__Host-`: set by this host over TLS and by nobody else. Without TLS, which is for this machine only, browsers refuse that. */
const nameFor = (secure: boolean): string => (secure ? '__Host-breakglass-sign-in' : 'breakglass-sign-in');

/** What binds a sign-in to the browser that opened its link. */
export interface BrowserCookie {
  /** The browser's secret; null where it has none of ours. */
  read(request: FastifyRequest): string | null;
  /** The same, or a new one; set for as long as a sign-in may take. */
  give(request: FastifyRequest, reply: FastifyReply): string;
}

export function browserCookie(secure: boolean): BrowserCookie {
  const name = nameFor(secure);
  const read: BrowserCookie['read'] = ({ headers }) => {
    const all = (headers.cookie ?? '').split(';').map((each) => each.trim().split('='));
    const mine = all.filter(([key]) => key === name);
    // Two of them: one was put there by somebody else.
    const [value] = mine.length === 1 ? (mine[0]?.slice(1) ?? []) : [];
    return value !== undefined && shape.test(value) ? value : null;
  };
  return {
    read,
    give: (request, reply) => {
      const value = read(request) ?? randomBytes(32).toString('base64url');
      const attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=${LIFE_SECONDS}${secure ? '; Secure' : ''}`;
      reply.header('set-cookie', `${name}=${value}; ${attributes}`);
      return value;
    },
  };
}

/** Proves that a form is one of ours, shown in this browser, about this sign-in. */
export const formToken = (browser: string, signIn: string): string =>
  createHmac('sha256', browser).update(`sign-in form ${signIn}`).digest('base64url');

export function isFormToken(given: string | null, browser: string, signIn: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(formToken(browser, signIn))];
  return one.length === other.length && timingSafeEqual(one, other);
}

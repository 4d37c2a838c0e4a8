import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type Html, html, page } from '../../evidence/html.ts';

const css = `
:root { color-scheme: light dark; --ink: #1a1c1f; --soft: #4a4f57; --line: #b9bec6; --back: #ffffff; --mark: #174ea6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceef1; --soft: #b6bcc6; --line: #5b626d; --back: #14161a; --mark: #9dbdff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 0 auto; padding: 2rem 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem; }
dl { border-top: 1px solid var(--line); margin: 1rem 0; }
dt { color: var(--soft); margin-top: .6rem; }
dd { margin: 0; white-space: pre-wrap; }
.soft { color: var(--soft); }
button { font: inherit; font-weight: 600; width: 100%; padding: .8rem 1rem; margin: 1rem 0 0; border-radius: 6px;
  border: 2px solid var(--mark); background: var(--mark); color: var(--back); }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
`;
const styleHash = createHash('sha256').update(css).digest('base64');

/** Runs nothing, loads nothing, is framed by nobody, and sends its forms to nobody but us. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

/** One page: what is so, and what can be done. Everything in it that is not ours is escaped by `html`. */
export const send = (reply: FastifyReply, status: number, title: string, body: Html): FastifyReply =>
  secured(reply)
    .code(status)
    .type('text/html; charset=utf-8')
    .send(page(title, css, html`<h1>${title}</h1>\n${body}`));

/** What every answer of these pages carries, redirects included. */
export const secured = (reply: FastifyReply): FastifyReply =>
  reply.headers({
    'content-security-policy': policy,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
  });

import { createHash } from 'node:crypto';
import type { Context } from 'oidc-provider';
import { type Html, html, page } from '../../src/evidence/html.ts';

const css = `
:root { color-scheme: light dark; --ink: #1a1c1f; --soft: #4a4f57; --back: #ffffff; --line: #747b85; --mark: #174ea6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceef1; --soft: #b6bcc6; --back: #14161a; --line: #8a929e; --mark: #9dbdff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 0 auto; padding: 2rem 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0 0 1rem; }
ul { list-style: none; margin: 1rem 0; padding: 0; }
li { margin: .5rem 0; }
button { font: inherit; width: 100%; padding: .7rem 1rem; border-radius: 6px; text-align: left; cursor: pointer;
  border: 1px solid var(--line); background: var(--back); color: var(--ink); }
button:hover { border-color: var(--mark); }
button:focus-visible, input:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
button span { color: var(--soft); }
input { font: inherit; padding: .5rem; margin: .5rem 0; color: var(--ink); background: var(--back); border: 1px solid var(--line); }
.soft { color: var(--soft); }
`;
const styleHash = createHash('sha256').update(css).digest('base64');

/** Sends a page that runs nothing, loads nothing and is framed by nobody. */
export type Show = (context: Context, status: number, title: string, body: Html) => void;

/** @param comesBackTo where a sent form may lead, beside here: browsers hold redirects to it as well */
export const showing =
  (comesBackTo: () => readonly string[]): Show =>
  (context, status, title, body) => {
    const forms = ["'self'", ...comesBackTo()].join(' ');
    const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'; form-action ${forms}`;
    context.set({
      'content-security-policy': policy,
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    context.status = status;
    context.body = page(title, css, html`<h1>${title}</h1>\n${body}`);
  };

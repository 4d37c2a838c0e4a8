import { hash } from 'node:crypto';
import { type Html, html, page } from './html.ts';

const css = `
:root { color-scheme: light dark; --ink: #1a1c1f; --soft: #4a4f57; --line: #b9bec6; --back: #ffffff; --band: #eef1f5;
  --wait: #8a5a00; --live: #0b6b34; --no: #a11212; --mark: #174ea6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eceef1; --soft: #b6bcc6; --line: #5b626d; --back: #14161a; --band: #20242b;
    --wait: #f0b24a; --live: #5fd08f; --no: #ff8f8f; --mark: #9dbdff; } }
@media print { :root { color-scheme: light; --ink: #000; --soft: #333; --line: #888; --back: #fff; --band: #f3f3f3;
    --wait: #7a4f00; --live: #07562a; --no: #8f0f0f; --mark: #123f87; }
  article { break-inside: avoid; } thead { display: table-header-group; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
p, dl, table { margin: .5rem 0; }
.soft { color: var(--soft); }
article { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; white-space: pre-wrap; }
th { color: var(--soft); font-weight: 600; }
td.number, th.number { text-align: right; white-space: nowrap; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; margin: .5rem 0; }
svg text { font: 11px system-ui, sans-serif; fill: var(--ink); }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .wait { fill: var(--wait); opacity: .35; }
svg .live { fill: var(--live); opacity: .35; }
svg .allowed { fill: var(--live); }
svg .denied { fill: var(--no); }
svg .mark { fill: var(--back); stroke: var(--mark); stroke-width: 1.5; }
svg .later { stroke: var(--line); stroke-dasharray: 3 3; }
`;

/** The pages' only style sheet, and what lets it in. */
const policy = `default-src 'none'; style-src 'sha256-${hash('sha256', css, 'base64')}'; base-uri 'none'; form-action 'none'`;

/** A page in one file that runs nothing and loads nothing. */
export const filePage = (title: string, body: Html): string =>
  page(
    title,
    css,
    body,
    html`<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
`,
  );

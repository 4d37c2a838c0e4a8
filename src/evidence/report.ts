import type { Manifest } from './bundle.ts';
import type { Entry } from './entry.ts';
import { filePage } from './file-page.ts';
import { type Html, html, typed } from './html.ts';
import type { Verifier } from './note.ts';
import { type PartName, partNames } from './parts.ts';
import { sessionArticle, stepWords } from './session-page.ts';
import { type Collected, collector, SHOWN } from './sessions.ts';

/** What a page can say of a bundle before its files are counted. */
export type Told = Omit<Manifest, 'files'>;

const partWords: Readonly<Record<PartName, string>> = {
  requests: 'Requests',
  approvals: 'Approvals and denials',
  waivers: 'Waivers of an owner who is not there',
  lifecycle: 'Beginnings and ends of access',
  uses: 'Uses: access allowed or denied to a service that asked',
  reviews: 'Reviews: opened, reminded, answered, excused',
  attachments: 'Evidence attached',
  policies: 'Configurations put in force',
  other: 'Everything else: roles, tenants, keys, refusals, seals',
};

/** The readable report: it collects while the entries pass, and is written when they have. */
export function reportOf(key: Verifier): { add(entry: Entry): void; page(told: Told): string } {
  const { add, collected } = collector();
  return { add, page: (told) => reportPage(told, key, collected()) };
}

export function reportPage(told: Told, key: Verifier, { sessions, others, moreOthers }: Collected): string {
  const { by_part: parts } = told.population;
  const more = parts.requests > sessions.length;
  return filePage(
    titleOf(told),
    html`<h1>${titleOf(told)}</h1>
<p class="soft">This page is for reading. What it says is taken from the audit entries beside it; README.txt says how to verify them. All times are UTC.</p>
${aboutBundle(told, key)}
<h2>How much there is</h2>
${populationTable(told)}
<h2>Sessions</h2>
${sessions.length === 0 ? html`<p>None.</p>` : sessions.map(sessionArticle)}
${more ? html`<p>The first ${SHOWN.sessions} sessions are shown. requests.csv has all ${parts.requests} requests.</p>` : html``}
${otherTable(others, moreOthers)}`,
  );
}

export function titleOf({ selection }: Pick<Told, 'selection'>): string {
  const of = selection.tenant === null ? 'every tenant' : selection.tenant.key;
  if (selection.kind === 'grant') return `Evidence of one access to ${of}`;
  return `Evidence: ${of}, ${shortTime(selection.from)} to ${shortTime(selection.to)}`;
}

const shortTime = (iso: string): string => iso.replace('T', ' ').replace(/(:00)?\.000Z$/, '');

function aboutBundle({ selection, made, tree, log }: Told, key: Verifier): Html {
  return html`<dl>
<dt>Asked for</dt><dd>${selection.kind === 'grant' ? html`the access ${selection.grant}` : html`from ${selection.from} up to ${selection.to}, and not of it`}</dd>
<dt>Tenant</dt><dd>${selection.tenant === null ? 'all' : typed(selection.tenant.key)}</dd>
<dt>Made</dt><dd>${made.at} by ${typed(made.by)}</dd>
<dt>Log</dt><dd>${log}</dd>
<dt>Proven against</dt><dd>the signed checkpoint of ${tree.size} entries of ${tree.origin}</dd>
<dt>Key, as the maker says</dt><dd><code>${key.text}</code></dd>
</dl>`;
}

export function populationTable({ population }: Pick<Told, 'population'>): Html {
  return html`<table>
<caption>${population.entries} entries${population.first_at === null ? '' : `, from ${population.first_at} to ${population.last_at}`}. Each is in exactly one of these tables.</caption>
<thead><tr><th scope="col">What</th><th scope="col">File</th><th scope="col" class="number">Entries</th></tr></thead>
<tbody>
${partNames.map((part) => html`<tr><th scope="row">${partWords[part]}</th><td>${part}.csv</td><td class="number">${population.by_part[part]}</td></tr>\n`)}
</tbody>
</table>`;
}

function otherTable(others: readonly Entry[], more: number): Html {
  if (others.length === 0) return html``;
  return html`<h2>Beside the sessions</h2>
<table>
<thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">By</th></tr></thead>
<tbody>
${others.map((entry) => html`<tr><td class="time">${entry.at}</td><td>${stepWords(entry)}</td><td>${typed(entry.actor)}</td></tr>\n`)}
</tbody>
</table>
${more > 0 ? html`<p>${more} more are in other.csv, policies.csv and the tables above.</p>` : html``}`;
}

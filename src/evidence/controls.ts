import { filePage } from './file-page.ts';
import { html } from './html.ts';
import type { PartName } from './parts.ts';
import { populationTable, type Told, titleOf } from './report.ts';

interface Control {
  framework: string;
  clause: string;
  /** What the clause is about, in our words. */
  asks: string;
  /** What of the bundle answers it. */
  answers: string;
  files: readonly string[];
  counts: readonly PartName[];
}

/** What auditors ask, and where the bundle answers it. The clauses' own text is theirs to read. */
const controls: readonly Control[] = [
  {
    framework: 'NIST SP 800-53',
    clause: 'AC-2(2)',
    asks: 'Temporary and emergency accounts end by themselves.',
    answers: 'Each access has its end in lifecycle: ended, revoked, expired; a request nobody decided lapsed.',
    files: ['requests.csv', 'lifecycle.csv'],
    counts: ['requests', 'lifecycle'],
  },
  {
    framework: 'NIST SP 800-53',
    clause: 'AC-6',
    asks: 'Least privilege.',
    answers: 'Each request names one scope, a reason, a ticket and minutes; who agreed, and who shortened it.',
    files: ['requests.csv', 'approvals.csv', 'waivers.csv'],
    counts: ['requests', 'approvals', 'waivers'],
  },
  {
    framework: 'NIST SP 800-53',
    clause: 'AU-3',
    asks: 'What a record says.',
    answers: 'Each entry has what, when, where, who and the outcome, in one exact text.',
    files: ['entries.jsonl'],
    counts: ['uses', 'other'],
  },
  {
    framework: 'NIST SP 800-53',
    clause: 'AU-9(3)',
    asks: 'Cryptographic protection of audit information.',
    answers: 'The entries are proven against a signed checkpoint; anybody with the public key can verify it.',
    files: ['checkpoint.txt', 'proof.json', 'checkpoints.jsonl'],
    counts: [],
  },
  {
    framework: 'NIST SP 800-53',
    clause: 'AU-10',
    asks: 'Non-repudiation.',
    answers:
      'Each decision names who made it, as their identity provider authenticated them, in an entry that is proven.',
    files: ['approvals.csv', 'entries.jsonl'],
    counts: ['approvals'],
  },
  {
    framework: 'SOC 2',
    clause: 'CC6.1, CC6.2, CC6.3',
    asks: 'Access is granted by authorization, limited, and removed.',
    answers: 'Who asked, who agreed, when access began and ended; the configuration in force by its hash.',
    files: ['requests.csv', 'approvals.csv', 'lifecycle.csv', 'policies.csv'],
    counts: ['requests', 'approvals', 'lifecycle', 'policies'],
  },
  {
    framework: 'ISO/IEC 27001:2022',
    clause: 'A.8.2',
    asks: 'Privileged access rights are restricted and managed.',
    answers: 'Each privileged access with its approvals, its uses and its review.',
    files: ['requests.csv', 'approvals.csv', 'uses.csv', 'reviews.csv'],
    counts: ['requests', 'approvals', 'uses', 'reviews'],
  },
  {
    framework: 'ISO/IEC 27001:2022',
    clause: 'A.8.15',
    asks: 'Logs are kept, protected and analysed.',
    answers: 'The sealed entries, and the reviews that each break-glass session leaves behind.',
    files: ['entries.jsonl', 'checkpoint.txt', 'reviews.csv'],
    counts: ['reviews', 'attachments'],
  },
  {
    framework: 'HIPAA',
    clause: '45 CFR 164.312(a)(2)(ii), (b)',
    asks: 'An emergency access procedure; audit controls.',
    answers: 'Each emergency access with its circumstance, and each use of it.',
    files: ['requests.csv', 'uses.csv'],
    counts: ['requests', 'uses'],
  },
  {
    framework: 'PCI DSS v4',
    clause: '7.2, 8.2',
    asks: 'Access by need, approved; every identity is one person.',
    answers: 'Who asked and who agreed, each by their own identity; none decided their own request.',
    files: ['requests.csv', 'approvals.csv'],
    counts: ['requests', 'approvals'],
  },
  {
    framework: 'PCI DSS v4',
    clause: '10.2, 10.3',
    asks: 'Audit logs of administrative access, protected from change.',
    answers: 'Each use, allowed or denied, in entries that are proven against a signed checkpoint.',
    files: ['uses.csv', 'entries.jsonl', 'checkpoint.txt'],
    counts: ['uses'],
  },
];

/** The page that says which part answers which control, with how many entries there are of it. */
export function controlsPage(told: Told): string {
  const { population, selection } = told;
  return filePage(
    `Controls. ${titleOf(told)}`,
    html`<h1>Controls</h1>
<p>${titleOf(told)}. Which part of this bundle answers what auditors ask. It supports an assessment and is none.</p>
<h2>Population</h2>
<p>${completeness(selection.kind)} Every row of a table follows from one entry, and every entry is in one table, so the counts add up to ${population.entries}.</p>
${populationTable(told)}
<h2>Mapping</h2>
<table>
<thead><tr><th scope="col">Control</th><th scope="col">Asks for</th><th scope="col">Answered by</th><th scope="col">Files</th><th scope="col">Entries</th></tr></thead>
<tbody>
${controls.map(
  ({ framework, clause, asks, answers, files, counts }) =>
    html`<tr><th scope="row">${framework} ${clause}</th><td>${asks}</td><td>${answers}</td><td>${files.join(', ')}</td><td>${counts.map((part) => `${part}: ${population.by_part[part]}`).join(', ') || `all: ${population.entries}`}</td></tr>\n`,
)}
</tbody>
</table>`,
  );
}

const completeness = (kind: Told['selection']['kind']): string =>
  kind === 'window'
    ? 'The entries are one stretch of the signed history without a gap: none of the window is missing, up to the checkpoint.'
    : 'Each entry is proven to be in the signed history. That none about this access is missing is proven by a bundle of the tenant or of a window.';

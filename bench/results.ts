import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Figure, Measurement } from './harness.ts';

const page = fileURLToPath(new URL('RESULTS.md', import.meta.url));
const introduction = `# Results

Written by \`npm run bench\`. Each figure is held against its limit in the same run on the same machine; a section is
replaced when its measurement is run again, and says when and where that was.
`;

/** What the figures were taken on. */
export function machine(postgres: string): string {
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  const cores = availableParallelism();
  return [
    new Date().toISOString().slice(0, 16).replace('T', ' ').concat(' UTC'),
    `${cpus()[0]?.model.trim() ?? 'an unknown CPU'}, ${cores} ${cores === 1 ? 'core' : 'cores'}, ${gigabytes} GB`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${postgres}`,
    'load and local Slack on the same machine',
  ].join('; ');
}

const verdict = ({ holds }: Figure): string => (holds === null ? '' : holds ? 'holds' : 'MISSED');

const columns = ['what', 'measured', 'limit', ''] as const;
const cellsOf = (figure: Figure): string[] => [figure.what, figure.measured, figure.limit, verdict(figure)];

/** A table for the terminal. */
export function asTable(figures: readonly Figure[]): string {
  const rows = [[...columns], ...figures.map(cellsOf)];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()).join('\n');
}

/** Puts one measurement's figures in RESULTS.md, in the place of its earlier ones. */
export function writeResults({ name, how, whyMissed }: Measurement, figures: readonly Figure[], where: string): void {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [row(columns), row(columns.map(() => '---')), ...figures.map((figure) => row(cellsOf(figure)))];
  const missed = figures.some(({ holds }) => holds === false);
  const why = missed && whyMissed ? `${whyMissed}\n\n` : '';
  const section = `## ${name}\n\n${how}\n\n${table.join('\n')}\n\n${why}${where}.\n`;
  const before = existsSync(page)
    ? readFileSync(page, 'utf8')
        .split(/^(?=## )/m)
        .slice(1)
    : [];
  const others = before.map((each) => each.trimEnd()).filter((each) => !each.startsWith(`## ${name}\n`));
  const sections = [...others, section.trimEnd()].sort();
  writeFileSync(page, `${[introduction.trimEnd(), ...sections].join('\n\n')}\n`);
}

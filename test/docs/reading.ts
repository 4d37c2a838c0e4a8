import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of this repository, by its path from the top. */
export const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Files below a folder, as paths from the top with forward slashes; what Prisma generates is nobody's writing. */
export const filesUnder = (folder: string, ending: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => path.posix.join(folder, name.replaceAll(path.sep, '/')))
    .filter((name) => name.endsWith(ending) && !name.startsWith('src/store/generated/'))
    .sort();

/** TypeScript without its comments: what is written about is not what is done. Strings stay. */
export const withoutComments = (source: string): string =>
  source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g, (piece) =>
    piece.startsWith('/') ? ' ' : piece,
  );

/** The rows of every table in a Markdown text, cells trimmed, without headings and rulers. */
export const tableRows = (markdown: string): string[][] => {
  const lines = markdown.split('\n').map((line) => line.trim());
  return lines
    .filter((line, i) => line.startsWith('|') && !isRuler(line) && !isRuler(lines[i + 1] ?? ''))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
};
const isRuler = (line: string) => /^\|[\s:|-]+\|$/.test(line);

/** The words between backticks. */
export const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);

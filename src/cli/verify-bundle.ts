import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CannotLook, type Finding } from '../evidence/archive.ts';
import { readVerifier, type Verifier } from '../evidence/note.ts';
import { titleOf } from '../evidence/report.ts';
import { type Trust, type Verdict, verifyBundle } from '../evidence/verify-bundle.ts';
import { progress } from './progress.ts';

/** Exit codes for scripts: it holds; something is wrong; wrong use; nothing could be looked at. */
export const exits = { verified: 0, wrong: 1, use: 2, nothing: 3 } as const;

export const verifyBundleUsage = `FILE --key KEY | --key-file F [--checkpoint FILE]... [--json]

Verifies an export with nothing but the public key, as "breakglass seal status" shows it: name+id+key.
  --key KEY          a key that you trust; may be given several times, for keys that replaced each other
  --key-file F       keys from a file, one a line
  --checkpoint FILE  a checkpoint that you held on to; may be given several times
  --json             the result as JSON
Exit codes: 0 it holds, 1 something is wrong (a line for each), 2 wrong use, 3 nothing could be looked at.
`;

export const options = {
  key: { type: 'string', multiple: true },
  'key-file': { type: 'string', multiple: true },
  checkpoint: { type: 'string', multiple: true },
  json: { type: 'boolean' },
} as const;

type Given = { key?: string[]; 'key-file'?: string[]; checkpoint?: string[]; json?: boolean };

/** Somebody has to say it in another way; or a file that they named can't be read. */
export class Mistake extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** `verify FILE`. @returns the exit code */
export async function verifyBundleCommand(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    const [file] = positionals;
    if (file === undefined || positionals.length !== 1) throw new Mistake(exits.use, 'verify needs one FILE.');
    const trust = {
      keys: keysFrom(values),
      held: (values.checkpoint ?? []).map((from) => ({ file: from, note: textOf(from) })),
    };
    const verdict = await looked(file, trust);
    say(values.json ? asJson(verdict) : asLines(file, verdict, trust));
    return verdict.findings.length === 0 ? exits.verified : exits.wrong;
  } catch (error) {
    if (error instanceof Mistake) return complain(error.message, error.code);
    if (error instanceof CannotLook) return complain(error.message, exits.nothing);
    throw error;
  }
}

function parse(args: readonly string[]): { values: Given; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw new Mistake(exits.use, error instanceof Error ? error.message : String(error));
  }
}

export function keysFrom({ key = [], 'key-file': files = [] }: Given): Verifier[] {
  const written = files.flatMap((file) => textOf(file).split('\n'));
  const texts = [...key, ...written].map((text) => text.trim()).filter((text) => text !== '' && !text.startsWith('#'));
  if (texts.length === 0) {
    throw new Mistake(
      exits.use,
      'verify needs --key or --key-file: a public key that you trust and did not take from the export, since whoever changes an export can put another key into it.',
    );
  }
  return texts.map((text) => {
    const read = readVerifier(text);
    if (read) return read;
    throw new Mistake(exits.use, `Expected a public key, name+id+key; found ${JSON.stringify(text.slice(0, 80))}.`);
  });
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Mistake(exits.nothing, `The file ${file} can't be read.`);
  }
}

async function looked(file: string, trust: Trust): Promise<Verdict> {
  let bar = progress(0, '');
  let done = 0;
  try {
    return await verifyBundle(file, trust, {
      begin: (bytes) => {
        bar = progress(bytes, 'Verifying');
      },
      step: (bytes) => {
        done += bytes;
        bar.step(done);
      },
    });
  } finally {
    bar.end();
  }
}

function asLines(file: string, { findings, remarks, manifest }: Verdict, { held }: Trust): string[] {
  const about = manifest ? [onOneLine(`${titleOf(manifest)}, made ${manifest.made.at} by ${manifest.made.by}.`)] : [];
  if (findings.length > 0) {
    const many = findings.length === 1 ? 'One thing is' : `${findings.length} things are`;
    return [...about, ...findings.map(asLine), ...remarks, `${file}: NOT VERIFIED. ${many} wrong.`];
  }
  const size = manifest?.tree.size ?? 0;
  const compared =
    held.length === 0
      ? ''
      : ` It agrees with ${held.length === 1 ? 'the checkpoint' : `the ${held.length} checkpoints`} that you held.`;
  const proven = `${manifest?.population.entries ?? 0} entries, proven against the signed checkpoint of ${size}.`;
  return [...about, ...remarks, `${file}: verified. ${proven}${compared}`];
}

/** The file, the line and the entry, and what is wrong. */
export function asLine({ file, line, leaf, what }: Finding): string {
  const places = [...(line === null ? [] : [`line ${line}`]), ...(leaf === null ? [] : [`leaf ${leaf}`])];
  return onOneLine(`${[file, ...places].join(', ')}: ${what}`);
}

const asJson = ({ findings, remarks, manifest }: Verdict): string[] => [
  JSON.stringify(
    {
      verified: findings.length === 0,
      ...{ findings, remarks },
      bundle: manifest && {
        selection: manifest.selection,
        made: manifest.made,
        tree: manifest.tree,
        population: manifest.population,
      },
    },
    null,
    2,
  ),
];

/** For one line of a terminal: nothing in a text steers it. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);

function complain(why: string, code: number): number {
  process.stderr.write(`${why}\n`);
  return code;
}

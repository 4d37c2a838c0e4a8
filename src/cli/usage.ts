import { type Command, wordsOf } from './command.ts';
import { commands } from './commands.ts';

const groups = { api: 'With the API', database: 'With the database', neither: 'Without either' } as const;

/** A command and what is behind it, as a line of the usage has it. */
const headOf = ({ name, words = [] }: Command): string => `${name} ${wordsOf(words)}`.trim();

const lineOf = (each: Command): string => `  ${headOf(each).padEnd(25)} ${each.says}`;

const sections = Object.entries(groups).map(([of, title]) => {
  const lines = commands.filter((each) => each.with === of).map(lineOf);
  return `${title}:\n${lines.join('\n')}${of === 'neither' ? '\n  help [COMMAND]            this text; or what a command takes' : ''}`;
});

/** What the command line can do, on one screen. */
export const usage = `Usage: breakglass COMMAND

${sections.join('\n\n')}

"breakglass help COMMAND" says what each takes. With the API: BREAKGLASS_URL, and sign-in or BREAKGLASS_KEY; --json for scripts.
Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 not there, 4 not signed in, 5 no answer, 78 wrong configuration.
`;

/** The same for the commands that begin with a word, where there are any. */
export function usageOf(first: string | undefined): string {
  const some = commands.filter(({ name }) => name.startsWith(`${first} `));
  return some.length === 0 ? usage : `Usage: breakglass COMMAND\n\n${some.map(lineOf).join('\n')}\n`;
}

/** What one command takes. */
export function helpOf(each: Command): string {
  const { name, says, words = [], options, notes = [] } = each;
  const entries = Object.entries(options);
  const needed = entries.filter(([, option]) => option.needed).map(([key, { takes }]) => ` --${key} ${takes}`);
  const others = entries.length > needed.length ? ' [OPTIONS]' : '';
  const behind = words.length === 0 ? '' : ` ${wordsOf(words)}`;
  const rows = [
    ...words.map((word) => [word.name, word.says] as const),
    ...entries.map(([key, { takes, says: what, oneOf, many }]) => {
      const list = oneOf ? `: ${oneOf.join(', ')}` : '';
      return [
        `--${key}${takes === null ? '' : ` ${takes}`}`,
        `${what}${list}${many ? ' (may be given again)' : ''}`,
      ] as const;
    }),
  ];
  const width = Math.max(0, ...rows.map(([head]) => head.length));
  const table = rows.map(([head, what]) => `  ${head.padEnd(width)}  ${what}`);
  return [
    `Usage: breakglass ${name}${behind}${needed.join('')}${others}`,
    '',
    `${says[0]?.toUpperCase()}${says.slice(1)}.`,
    ...(table.length === 0 ? [] : ['', ...table]),
    ...(notes.length === 0 ? [] : ['', ...notes]),
    '',
  ].join('\n');
}

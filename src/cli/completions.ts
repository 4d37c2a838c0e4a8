import type { Command, Option } from './command.ts';

export const shells = ['bash', 'zsh', 'fish'] as const;

/** A script for a shell, made of the commands themselves: what is parsed is what is completed. */
export function completions(shell: string, commands: readonly Command[]): string {
  const scripts: Readonly<Record<string, (commands: readonly Command[]) => string>> = { bash, zsh, fish };
  return scripts[shell]?.(commands) ?? '';
}

const unique = (words: readonly string[]): string[] => [...new Set(words)];
const firstWords = (commands: readonly Command[]): string[] =>
  unique([...commands.map(({ name }) => name.split(' ')[0] ?? ''), 'help']);
/** First words that another one has to follow, each with those. */
const pairs = (commands: readonly Command[]): [string, string[]][] => {
  const groups = new Map<string, string[]>();
  for (const { name } of commands) {
    const [first = '', second] = name.split(' ');
    if (second !== undefined) groups.set(first, [...(groups.get(first) ?? []), second]);
  }
  return [...groups];
};
const optionsOf = ({ options }: Command): [string, Option][] => Object.entries(options);
const valueOptions = (command: Command): [string, Option][] =>
  optionsOf(command).filter(([, { takes }]) => takes !== null);
/** What may stand behind a command: its options, and words of which there are only these. */
const behind = (command: Command): string[] => [
  ...(command.words ?? []).flatMap(({ oneOf = [] }) => oneOf),
  ...optionsOf(command).map(([key]) => `--${key}`),
  '--help',
];

/** What bash and zsh share: by the command and the word before, which words may come. Nothing typed is ever run. */
const cases = (commands: readonly Command[]): string =>
  [
    ...commands.flatMap((command) =>
      valueOptions(command).map(
        ([key, { oneOf = [] }]) => `      '${command.name} --${key}') list='${oneOf.join(' ')}' ;;`,
      ),
    ),
    ...commands.map((command) => `      '${command.name} '*) list='${behind(command).join(' ')}' ;;`),
  ].join('\n');

const seconds = (commands: readonly Command[]): string =>
  pairs(commands)
    .map(([first, all]) => `      ${first}) [ "$at" -eq 2 ] && list='${all.join(' ')}' || name="$name $third" ;;`)
    .join('\n');

const body = (commands: readonly Command[]): string => `  if [ "$at" -eq 1 ]; then
    list='${firstWords(commands).join(' ')}'
  else
    case "$name" in
${seconds(commands)}
      help) [ "$at" -eq 2 ] && list='${firstWords(commands).join(' ')}' ;;
    esac
    [ -n "$list" ] || case "$name $before" in
${cases(commands)}
    esac
  fi`;

const bash = (commands: readonly Command[]): string => `# bash: source <(breakglass completions bash)
_breakglass() {
  local at="$COMP_CWORD" name="\${COMP_WORDS[1]-}" third="\${COMP_WORDS[2]-}"
  local before="\${COMP_WORDS[COMP_CWORD-1]}" list=''
${body(commands)}
  COMPREPLY=($(compgen -W "$list" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _breakglass breakglass
`;

const zsh = (commands: readonly Command[]): string => `#compdef breakglass
_breakglass() {
  local at=$((CURRENT - 1)) name="\${words[2]}" third="\${words[3]}"
  local before="\${words[CURRENT-1]}" list=''
${body(commands)}
  if [ -z "$list" ]; then _files; else compadd -- \${=list}; fi
}
if [ "$funcstack[1]" = _breakglass ]; then _breakglass "$@"; else compdef _breakglass breakglass; fi
`;

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;

function fish(commands: readonly Command[]): string {
  const groups = pairs(commands);
  const seen = (name: string): string => `__breakglass_is ${name}`;
  const first = firstWords(commands).map((word) => {
    const own = commands.find(({ name }) => name === word);
    return `complete -c breakglass -f -n __fish_use_subcommand -a ${word}${own ? ` -d ${quoted(own.says)}` : ''}`;
  });
  const second = groups.flatMap(([word, all]) =>
    all.map((next) => {
      const own = commands.find(({ name }) => name === `${word} ${next}`);
      return `complete -c breakglass -f -n ${quoted(`__breakglass_awaits ${word}`)} -a ${next} -d ${quoted(own?.says ?? '')}`;
    }),
  );
  const options = commands.flatMap((command) =>
    optionsOf(command).map(([key, { takes, says, oneOf }]) => {
      const value = takes === null ? '' : oneOf ? ` -x -a ${quoted(oneOf.join(' '))}` : ' -r';
      return `complete -c breakglass -n ${quoted(seen(command.name))} -l ${key}${value} -d ${quoted(says)}`;
    }),
  );
  const words = commands.flatMap((command) =>
    (command.words ?? []).flatMap(({ oneOf }) =>
      oneOf ? [`complete -c breakglass -f -n ${quoted(seen(command.name))} -a ${quoted(oneOf.join(' '))}`] : [],
    ),
  );
  return `# fish: breakglass completions fish > ~/.config/fish/completions/breakglass.fish
function __breakglass_is
  set -l typed (commandline -opc)
  test "$typed[2..(math 1 + (count $argv))]" = "$argv"
end
function __breakglass_awaits
  set -l typed (commandline -opc)
  test (count $typed) -eq 2; and test "$typed[2]" = "$argv[1]"
end
${[...first, ...second, ...words, ...options].join('\n')}
`;
}

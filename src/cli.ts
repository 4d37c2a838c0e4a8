#!/usr/bin/env node
import { type Command, readGiven } from './cli/command.ts';
import { commandIn } from './cli/commands.ts';
import { exits, NotDone, WrongUse } from './cli/exits.ts';
import { onOneLine } from './cli/one-line.ts';
import { sayJson } from './cli/terminal.ts';
import { helpOf, usage, usageOf } from './cli/usage.ts';
import { failStart } from './process.ts';

const asksForHelp = (word: string): boolean => word === '--help' || word === '-h';

async function main(words: string[]): Promise<number> {
  const [first = 'help', ...others] = words;
  if (first === 'help' || asksForHelp(first)) return help(others);
  const found = commandIn(words);
  if (found === null) return wrongUse(noSuchCommand(words), usageOf(words[0]));
  const options = found.rest.slice(0, found.rest.includes('--') ? found.rest.indexOf('--') : undefined);
  if (options.some(asksForHelp)) return help(found.command.name.split(' '));
  return run(found.command, found.rest);
}

/** What goes wrong on the way is a sentence and a code; what nobody thought of is for the door of the process. */
async function run(command: Command, rest: readonly string[]): Promise<number> {
  try {
    return await command.run(readGiven(command, rest));
  } catch (error) {
    if (error instanceof WrongUse || isUnknownOption(error)) return wrongUse(error.message, helpOf(command));
    if (!(error instanceof NotDone)) throw error;
    if (rest.includes('--json') && error.document !== undefined) sayJson(error.document);
    process.stderr.write(`${onOneLine(error.message)}\n`);
    return error.code;
  }
}

const isUnknownOption = (error: unknown): error is TypeError =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');

function help(words: readonly string[]): number {
  const found = commandIn(words);
  if (words.length > 0 && found === null) return wrongUse(noSuchCommand(words), usageOf(words[0]));
  process.stdout.write(found === null ? usage : helpOf(found.command));
  return exits.done;
}

const noSuchCommand = (words: readonly string[]): string => `There is no command "${words.join(' ')}".`;

function wrongUse(why: string, more: string): number {
  process.stderr.write(`${onOneLine(why)}\n\n${more}`);
  return exits.use;
}

main(process.argv.slice(2)).then(
  // Not before all is said; but the migration engine leaves a timer of ten seconds, which nobody should wait for.
  (code) => void process.stdout.write('', () => process.exit(code)),
  failStart,
);

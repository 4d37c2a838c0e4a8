import type { Play, Step } from './play.ts';

/** Tells the tour as it goes. */
export interface Narrator {
  journey(number: number, title: string): void;
  /** The step waits for it; where it rejects, the tour is over. */
  coming?(step: Step, play: Play): Promise<void>;
  /** A step that went as it should, and what was to be seen. */
  done(step: string, seen: readonly string[]): void;
  failed(step: string, expected: string, found: string): void;
  say(line: string): void;
}

const styles = { bold: '\u001b[1m', green: '\u001b[32m', red: '\u001b[31m', dim: '\u001b[2m' };
const PLAIN = '\u001b[0m';

/** Prints the transcript, a line at a time. @param colours only where a person looks at a terminal */
export function narrator(print: (line: string) => void, colours: boolean): Narrator {
  const styled = (style: keyof typeof styles, text: string) => (colours ? `${styles[style]}${text}${PLAIN}` : text);
  const shown = (lines: readonly string[]) => {
    for (const line of lines) print(`${styled('dim', '    │')} ${line}`.trimEnd());
  };
  return {
    journey: (number, title) => {
      print('');
      print(styled('bold', `${number}. ${title}`));
      print('');
    },
    done: (step, seen) => {
      print(`  ${styled('green', '✓')} ${step}`);
      shown(seen);
    },
    failed: (step, expected, found) => {
      print(`  ${styled('red', '✗')} ${step}`);
      print('    expected');
      shown(expected.split('\n'));
      print('    found');
      shown(found.split('\n'));
    },
    say: print,
  };
}

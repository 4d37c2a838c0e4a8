import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { completions, shells } from '../../src/cli/completions.ts';

/** What bash itself makes of the script, for a line that ends with the word that is completed. */
function completed(...words: string[]): string[] {
  const line = ['breakglass', ...words];
  const script = [
    completions('bash', commands),
    `COMP_WORDS=(${line.map((word) => `'${word}'`).join(' ')})`,
    `COMP_CWORD=${line.length - 1}`,
    '_breakglass',
    `printf '%s\\n' "\${COMPREPLY[@]-}"`,
  ].join('\n');
  const out = execFileSync('bash', ['--norc', '--noprofile', '-u', '-c', script], { encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

const has = (shell: string): boolean => {
  try {
    execFileSync(shell, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('bash completes', () => {
  const firsts = [...new Set(commands.map(({ name }) => name.split(' ')[0]))];

  test('the first words, by what was typed of them', () => {
    expect(completed('').sort()).toEqual([...firsts, 'help'].sort());
    expect(completed('sch')).toEqual(['schedules']);
    expect(completed('nothing')).toEqual([]);
  });

  test.each(['tenants', 'keys', 'schedules', 'jobs', 'config', 'key', 'notices', 'seal'])(
    'what follows %s',
    (first) => {
      const seconds = commands.flatMap(({ name }) => (name.startsWith(`${first} `) ? [name.split(' ')[1]] : []));
      expect(completed(first, '').sort()).toEqual(seconds.sort());
    },
  );

  test.each(commands.map((each) => [each.name, each] as const))('every option of %s, and no other', (name, each) => {
    const options = Object.keys(each.options).map((key) => `--${key}`);
    expect(completed(...name.split(' '), '--').sort()).toEqual([...options, '--help'].sort());
    for (const [key, { takes, oneOf = [] }] of Object.entries(each.options)) {
      if (takes !== null) expect(completed(...name.split(' '), `--${key}`, '')).toEqual(oneOf);
    }
  });

  test('words of which there are only some', () => {
    expect(completed('completions', 'b')).toEqual(['bash']);
    expect(completed('help', 'doc')).toEqual(['doctor']);
  });

  test('and runs nothing that was typed', () => {
    expect(completed('$(touch /tmp/x)', '')).toEqual([]);
    expect(completed('request', '--tenant', '`id`')).toEqual([]);
  });
});

describe.each(shells)('%s', (shell) => {
  const script = completions(shell, commands);

  test('knows every command and every option', () => {
    for (const { name, options } of commands) {
      for (const word of name.split(' ')) expect(script).toContain(word);
      for (const key of Object.keys(options)) expect(script).toContain(shell === 'fish' ? `-l ${key} ` : `--${key}`);
    }
  });
});

test.each(shells.filter(has))('%s, where it is there, reads its script', (shell) => {
  execFileSync(shell, ['-n'], { input: completions(shell, commands) });
});

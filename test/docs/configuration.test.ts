import { describe, expect, test } from 'vitest';
import { defaultActions, defaultScopes } from '../../src/config/catalogue.ts';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { kindOf, type Scope, scopes } from '../../src/domain/words.ts';
import { commands } from '../../src/slack/ids.ts';
import { codeIn, read, tableRows } from './reading.ts';

const page = read('docs/configuration.md');
const rows = tableRows(page);

/** Pairs of a faulty file and what is said about it. */
const mistakes = [...page.matchAll(/```yaml\n([\s\S]*?)```\n+```text\n([\s\S]*?)```/g)].map(
  ([, yaml = '', said = '']) => ({
    yaml,
    said,
  }),
);

function complaintsAbout(yaml: string): string {
  try {
    parseSettings(yaml, 'breakglass.yml');
    return '';
  } catch (error) {
    if (error instanceof ConfigurationError) return `${error.lines.join('\n')}\n`;
    throw error;
  }
}

describe('docs/configuration.md', () => {
  test.each(mistakes)('shows what is really said about a mistake (%#)', ({ yaml, said }) => {
    expect(complaintsAbout(yaml)).toBe(said);
  });

  test('shows mistakes of both sorts', () => expect(mistakes.length).toBe(2));

  test('has the catalogue of scopes as it is', () => {
    const said = rows.filter(([scope = '']) => scopes.some((name) => scope === `\`${name}\``));
    const told = said.map(([scope = '', command = '', legs = '', minutes = '', waits = '', usual = '']) => ({
      scope: codeIn(scope)[0],
      command: codeIn(command)[0],
      legs: codeIn(legs),
      minutes,
      waits,
      usual,
    }));
    const are = scopes.map((scope: Scope) => {
      const { minutes, legs, lapseMinutes, usualUses } = defaultScopes[scope];
      return {
        scope,
        command: commands[kindOf(scope)],
        legs: [...legs],
        minutes: `${minutes.default} / ${minutes.max}`,
        waits: String(lapseMinutes),
        usual: String(usualUses),
      };
    });
    expect(told).toEqual(are);
  });

  test('has the actions as they are', () => {
    const said = rows
      .filter((cells) => cells.length === 2 && /^`[a-z]+\.[a-z_]+`/.test(cells[0] ?? ''))
      .flatMap(([names = '', needs = '']) => codeIn(names).map((name) => [name, { needs: codeIn(needs), when: [] }]));
    expect(Object.fromEntries(said)).toEqual(defaultActions);
  });

  test('names every key of breakglass.example.yml', () => {
    const keys = [...read('breakglass.example.yml').matchAll(/^(?:\s*- )?\s*([a-z_]+):/gm)].map(([, key = '']) => key);
    const named = rows.flatMap(([cell = '']) => codeIn(cell).flatMap((word) => word.split(/\W+/)));
    const names: readonly string[] = scopes;
    const values = new Set([...names, 'content', 'default', 'max', 'operator', 'ops', 'security', 'auditor', 'admin']);
    expect(keys.length).toBeGreaterThan(20);
    expect(keys.filter((key) => !named.includes(key) && !values.has(key))).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { parseSettings } from '../../src/config/settings.ts';
import { readEnvironment } from '../../src/config.ts';
import { codeIn, read, tableRows } from './reading.ts';

/** The variables of the schema that src/config.ts reads the environment by. */
const known = [...read('src/config/variables.ts').matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name = '']) => name);
const assigned = [...read('.env.example').matchAll(/^([A-Z][A-Z_]+)=/gm)].map(([, name = '']) => name);

describe('breakglass.example.yml', () => {
  const text = read('breakglass.example.yml');

  test('is a configuration the bot takes', () => {
    const settings = parseSettings(text, 'breakglass.example.yml');
    expect(settings.tenants.map(({ key }) => key)).toEqual(['acme', 'globex', 'initech']);
    expect(settings.tickets.pattern.test('INC-42')).toBe(true);
  });

  test('says in a comment what every key is for that stands on a line of its own', () => {
    const lines = text.split('\n');
    const unexplained = lines.filter((line, i) => {
      const top = /^[a-z]+:/.test(line);
      return top && !lines[i - 1]?.startsWith('#');
    });
    expect(unexplained).toEqual([]);
  });
});

describe('.env.example', () => {
  test('has each variable that is read, once, and no other', () => {
    expect(known.length).toBeGreaterThan(10);
    expect([...assigned].sort()).toEqual([...known].sort());
  });

  test('has a comment for each of them', () => {
    const lines = read('.env.example').split('\n');
    const bare = assigned.filter(
      (name) => !lines[lines.findIndex((line) => line.startsWith(`${name}=`)) - 1]?.startsWith('#'),
    );
    expect(bare).toEqual([]);
  });

  test('is enough to start with, once the secrets are filled in', () => {
    const pairs = read('.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm);
    const given = Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]));
    const { slack, production } = readEnvironment({ ...given, SLACK_SIGNING_SECRET: 'filled in' });
    expect({ mode: slack.mode, production }).toEqual({ mode: 'http', production: true });
  });
});

describe('docs/operations.md', () => {
  test('has each variable in its table, and no other', () => {
    const [, environment = ''] = read('docs/operations.md').split('\n## Environment\n');
    const named = tableRows(environment.split('\n## ')[0] ?? '').flatMap(([cell = '']) =>
      codeIn(cell).filter((word) => /^[A-Z][A-Z_]+$/.test(word)),
    );
    expect([...named].sort()).toEqual([...known].sort());
  });
});

test('with NODE_ENV=production a missing DATABASE_URL is an error, not an embedded database', () => {
  const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 'secret' };
  expect(readEnvironment(slack).database).toEqual({ embeddedIn: '.data' });
  const start = () => readEnvironment({ ...slack, NODE_ENV: 'production' });
  expect(start).toThrow(ConfigurationError);
  expect(start).toThrow(/^DATABASE_URL: .* no embedded database\.$/);
});

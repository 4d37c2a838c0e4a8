import { ConfigurationError } from '../../src/config/mistakes.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';

/** The least that a file must say, key by key. */
const least: Readonly<Record<string, string>> = {
  slack: '{ team: T0HOME }',
  channels: '{ security: C0SECURITY, ops: C0OPS }',
  tickets: String.raw`{ pattern: '^[A-Z]+-\d+$' }`,
  roles: '{}',
};

/** A breakglass.yml with these keys beside or instead of the least; null leaves one out. Keys come in this order. */
export const file = (keys: Readonly<Record<string, string | null>> = {}): string =>
  Object.entries({ ...least, ...keys })
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`]))
    .join('');

/** The tenants of a file, each as the inside of a map; a key and a name come with each. */
export const tenants = (...each: readonly string[]): string =>
  file({ tenants: `[${each.map((inside, i) => `{ key: t${i}, name: T, ${inside} }`).join(', ')}]` });

export const settingsOf = (text: string): Settings => parseSettings(text, 'breakglass.yml');

/** What is wrong with a text; nothing where it is right. Any other error is a defect, and thrown on. */
export function mistakesIn(text: string): readonly string[] {
  try {
    settingsOf(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}

export const named = (lines: readonly string[]): string[] => lines.map((line) => `breakglass.yml: ${line}`);

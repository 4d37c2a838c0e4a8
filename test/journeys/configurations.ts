import { configuration } from '../../sandbox/cast.ts';

/** The sandbox's configuration with parts replaced; a part that is not there is a mistake of the test. */
export function configured(changes: Readonly<Record<string, string>>): string {
  let yaml = configuration;
  for (const [from, to] of Object.entries(changes)) {
    if (!yaml.includes(from)) throw new Error(`the sandbox's configuration has no "${from}"`);
    yaml = yaml.replace(from, () => to);
  }
  return yaml;
}

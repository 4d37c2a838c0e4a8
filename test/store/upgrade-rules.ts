/** A migration as it stands in its folder. */
export interface Migration {
  name: string;
  sql: string;
}

/**
 * What a migration does that a bot of the version before may not survive: it takes away or narrows something that was
 * there before it. New tables are its own business.
 */
export function takesAway(sql: string): string[] {
  const text = withoutBodies(sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' '));
  const own = new Set([...text.matchAll(/\bcreate table (?:if not exists )?"?(\w+)"?/gi)].map(([, name = '']) => name));
  return text
    .split(';')
    .map((statement) => statement.replace(/\s+/g, ' ').trim())
    .flatMap((statement) => (own.has(tableOf(statement)) ? [] : narrowing(statement)));
}

/** Functions may say what they like inside: what they are is seen from outside. A `do` block is run, so it stays. */
const withoutBodies = (text: string): string =>
  text.replace(/\bas (\$\w*\$)[\s\S]*?\1/gi, 'as body').replace(/;(?=[^$]*\$\$(?:[^$]*\$\$[^$]*\$\$)*[^$]*$)/g, ',');

const tableOf = (statement: string): string =>
  /^alter table (?:only )?"?(\w+)"?/i.exec(statement)?.[1] ?? / on (?:only )?"?(\w+)"?/i.exec(statement)?.[1] ?? '';

const rules: readonly RegExp[] = [
  /\bdrop (table|view|type|function|sequence|schema|policy|role|index|column|default)\b/i,
  /\brename\b/i,
  /\balter column "?\w+"? (set data )?type\b/i,
  /\bset not null\b/i,
  /\badd column "?\w+"?(?:(?!default|add column)[^;])*\bnot null(?![^,]*\bdefault\b)/i,
  /\badd constraint\b/i,
  /^create unique index\b/i,
  /^create (constraint )?trigger\b/i,
  /\bas restrictive\b/i,
  /\brevoke\b.*\bfrom\b.*\bbreakglass_/i,
  /\balter type\b/i,
];
const narrowing = (statement: string): string[] =>
  rules.some((rule) => rule.test(statement)) ? [statement.slice(0, 100)] : [];

/** From which migration on bots can live with this one; null where it does not say. */
export const sinceIn = (sql: string): string | null =>
  /create or replace function compatible_since\(\)[\s\S]*?select '(\w+)'/i.exec(sql)?.[1] ?? null;

/**
 * What stands in the way of an upgrade while bots of the last release run: a migration since then that takes something
 * away, and does not say that the last release does without it.
 * @param lastReleased the newest migration of the last release; null before the first, when there is nobody to mind
 */
export function upgradeMistakes(migrations: readonly Migration[], lastReleased: string | null): string[] {
  if (lastReleased === null) return [];
  return migrations
    .filter(({ name }) => name > lastReleased)
    .flatMap(({ name, sql }) => {
      const since = sinceIn(sql);
      if (since !== null && since > lastReleased) return [`${name}: bots of the last release do not know ${since}`];
      return since === null ? takesAway(sql).map((what) => `${name}: ${what}`) : [];
    });
}

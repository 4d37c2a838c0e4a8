import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

/** Longer values are cut: a line is read, not searched. */
const LONGEST_SHOWN = 80;

/** A line a mistake: `roles.ops.people[0]: expected a Slack user's id such as U0OPS, found "bob"`. */
export const linesOf = (issues: readonly Issue[], raw: unknown): string[] =>
  issues.flatMap((issue) => branchOf(issue)).flatMap((issue) => describe(issue, raw));

/** Of alternatives, the one that was meant: the only one that the value has the right type for. */
function branchOf(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter(
    (branch) => !branch.some((each) => each.code === 'invalid_type' && each.path.length === 0),
  );
  const [only] = meant;
  if (only === undefined || meant.length > 1) return [issue];
  return only.map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] }));
}

function describe(issue: Issue, raw: unknown): string[] {
  const where = `${placeOf(issue.path) || 'the file'}: `;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${where}expected no key ${JSON.stringify(key)}`);
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues[0] ? readable(issue.issues[0]) : readable(issue);
    return [`${where}${expected}, found ${shown(issue.path.at(-1))}`];
  }
  const found = issue.path.reduce<unknown>((at, part) => (Object(at) as Record<PropertyKey, unknown>)[part], raw);
  return [`${where}${readable(issue)}, found ${shown(found)}`];
}

const placeOf = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`;
      const key = String(part);
      return /^[\w.:-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
    })
    .join('')
    .replace(/^\./, '');

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function readable(issue: Issue): string {
  if (issue.message.startsWith('expected')) return issue.message;
  if (issue.code === 'invalid_type')
    return `expected ${{ record: 'a map', object: 'a map', array: 'a list' }[issue.expected as string] ?? `a ${issue.expected}`}`;
  if (issue.code === 'invalid_value') return `expected one of ${issue.values.join(', ')}`;
  return issue.message.charAt(0).toLowerCase() + issue.message.slice(1);
}

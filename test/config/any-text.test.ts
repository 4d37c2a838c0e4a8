import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { parseSettings, type Settings } from '../../src/config/settings.ts';
import { breakGlassScopes, kindOf, legRoles, scopes, staffRoles } from '../../src/domain/words.ts';

/** The settings, or the lines; whatever else is thrown fails the property. */
function outcome(text: string): Settings | readonly string[] {
  try {
    return parseSettings(text, 'any.yml');
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}

function isSettingsOrLines(text: string): void {
  const result = outcome(text);
  if (!Array.isArray(result)) return;
  expect(result.length).toBeGreaterThan(0);
  for (const line of result) {
    expect(line).toMatch(/^any\.yml: (line \d+, column \d+|the file|[^ ].*): ./);
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  }
}

/** Pieces that mean something in YAML, and some that mean something to us. */
const pieces = fc.oneof(
  fc.constantFrom('\n', '\n  ', '\n- ', ': ', ', ', '- ', '? ', '# ', '| ', '>-', '\t', '\0', '\r', '\\'),
  fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    "'",
    '&a ',
    '&a [*a]',
    '*a',
    '<<: ',
    '!x ',
    '!!binary ',
    '!!set ',
    '%YAML 1.1\n',
    '---',
  ),
  fc.constantFrom(
    'slack',
    'team',
    'roles',
    'ops',
    'people',
    'tenants',
    'scopes',
    'actions',
    '__proto__',
    'constructor',
  ),
  fc.constantFrom('T0HOME', 'U0OPS', '~', '.nan', '-.inf', '0x1F', '1e999', '2026-02-30', 'true', '\u2028', '\uD83D'),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
);
const scribble = fc.array(pieces, { maxLength: 40 }).map((all) => all.join(''));

/** The sandbox's file after a few slips of the keyboard. */
const slips = fc
  .array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), gone: fc.nat(12), instead: pieces }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) =>
    edits.reduce((text, { at, gone, instead }) => {
      const from = Math.floor(at * text.length);
      return text.slice(0, from) + instead + text.slice(from + gone);
    }, configuration),
  );

const word = fc.oneof(
  fc.constantFrom(
    ...scopes,
    ...legRoles,
    ...staffRoles,
    'U0OPS',
    'T0ACME:U0BOSS',
    'C0SEC',
    'acme',
    'system',
    '__proto__',
  ),
  fc.constantFrom('slack', 'channels', 'tickets', 'roles', 'scopes', 'actions', 'tenants', 'schedules', 'notices'),
  fc.constantFrom(
    'team',
    'key',
    'name',
    'owners',
    'person',
    'guest',
    'minutes',
    'default',
    'max',
    'legs',
    'needs',
    'cron',
  ),
  fc.string({ maxLength: 6 }),
);
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null)),
    fc.array(tie('anything'), { maxLength: 4 }),
    fc.dictionary(word, tie('anything'), { maxKeys: 6 }),
  ),
}));

describe('whatever a file says, the answer is settings or lines, never another error', () => {
  const rule = (name: string, texts: fc.Arbitrary<string>, numRuns: number) =>
    test(name, () => {
      fc.assert(fc.property(texts, isSettingsOrLines), { numRuns });
    });
  rule('scribbles', scribble, 3_000);
  rule('slips of the keyboard', slips, 1_500);
  rule(
    'data of any shape',
    anything.map((data) => JSON.stringify(data) ?? '~'),
    1_500,
  );
});

/** Files whose words are right, and whose rules may be below the floors. */
const rules = fc.record(
  {
    scopes: fc.dictionary(
      fc.constantFrom(...scopes),
      fc.record(
        {
          legs: fc.array(fc.constantFrom(...legRoles), { maxLength: 4 }),
          minutes: fc.record({ default: fc.integer({ min: -1, max: 300 }), max: fc.integer({ min: 0, max: 11_000 }) }),
        },
        { requiredKeys: [] },
      ),
      { maxKeys: 2 },
    ),
    actions: fc.dictionary(
      fc.constantFrom('workspace.create_owner', 'workspace.reset_password', 'workspace.new', 'content.read'),
      fc.record({ needs: fc.array(fc.constantFrom(...scopes), { minLength: 1, maxLength: 3 }) }),
      { maxKeys: 1 },
    ),
    tenants: fc.array(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'system'),
        name: fc.constantFrom('A', 'B'),
        channel: fc.constant('C0A'),
        owners: fc.array(fc.constantFrom('U0A', 'T0HOME:U0A', 'T0ACME:U0A', 'U0B'), { maxLength: 2 }),
      }),
      { maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

const isAboveTheFloors = ({ scopes: byName, actions, tenants }: Settings): void => {
  for (const scope of scopes) {
    const { legs, minutes } = byName[scope];
    expect(new Set(legs).size).toBe(legs.length);
    expect(legs.length).toBeGreaterThanOrEqual(
      { break_glass: 2, support_access: scope === 'audit_view' ? 0 : 1 }[kindOf(scope)],
    );
    expect(minutes.default).toBeGreaterThanOrEqual(1);
    expect(minutes.max).toBeGreaterThanOrEqual(minutes.default);
    expect(minutes.max).toBeLessThanOrEqual(7 * 24 * 60);
  }
  expect(byName.workspace_recovery.legs).toContain('owner');
  for (const [action, { needs }] of Object.entries(actions)) {
    if (!action.startsWith('workspace.')) continue;
    expect(needs.some((scope) => breakGlassScopes.some((name) => name === scope))).toBe(true);
    expect(needs.some((scope) => kindOf(scope) === 'support_access')).toBe(true);
  }
  const keys = tenants.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).not.toContain('system');
  for (const { owners } of tenants) {
    const accounts = owners.map(({ account }) => account);
    expect(new Set(accounts).size).toBe(accounts.length);
    for (const account of accounts) expect(account).toMatch(/^[TE][A-Z0-9]+:[UW][A-Z0-9]+$/);
  }
};

test('whatever a file says, what is accepted is above the floors', () => {
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(rules, (said) => {
      const base = { slack: { team: 'T0HOME' }, channels: { security: 'C0SEC', ops: 'C0OPS' } };
      const result = outcome(JSON.stringify({ ...base, tickets: { pattern: 'x' }, roles: {}, ...said }));
      if (Array.isArray(result)) {
        refused += 1;
        return;
      }
      accepted += 1;
      isAboveTheFloors(result as Settings);
    }),
    { numRuns: 1_500 },
  );
  // Both kinds came up, or nothing was seen.
  expect(Math.min(accepted, refused)).toBeGreaterThan(100);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { violationsOfErrors, violationsOfOptions } from '../../sandbox/slack/block-rules.ts';
import { asObject, asString, type JsonObject, objectsIn } from '../../sandbox/slack/json.ts';
import type { ScopePolicy } from '../../src/domain/policy.ts';
import { kinds, legRoles, type Scope } from '../../src/domain/words.ts';
import { mrkdwn } from '../../src/slack/text.ts';
import { approveShorterForm, denyForm, revokeForm } from '../../src/slack/views/decision-forms.ts';
import { fieldOf, refusalSentence } from '../../src/slack/views/refusals.ts';
import { messageModal, requestForm, skeleton, tenantOption } from '../../src/slack/views/request-form.ts';
import { catalogue, frozen } from '../domain/builders.ts';
import { markupIn, objectionsToView, wire } from './views-markup.ts';
import { key, name, text } from './views-texts.ts';

interface Tenant {
  key: string;
  name: string;
}

const tenantsOf = (many: number): fc.Arbitrary<Tenant[]> =>
  fc.tuple(key, fc.array(name(120), { minLength: 1, maxLength: 5 })).map(([stem, names]) =>
    Array.from({ length: many }, (_, index) => ({
      key: `${stem.slice(0, 58)}${index}`,
      name: names[index % names.length] ?? '',
    })),
  );

/** Whatever a configuration says of the scopes: from a minute to a week. */
const policies: fc.Arbitrary<Record<Scope, ScopePolicy>> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 10_080 }), fc.integer({ min: 1, max: 10_080 })), {
    minLength: 6,
    maxLength: 6,
  })
  .map((times) => {
    const minutes = (index: number) => {
      const [one, other] = times[index] ?? [1, 1];
      return { minutes: { default: Math.min(one, other), max: Math.max(one, other) } };
    };
    return {
      content_access: { ...catalogue.content_access, ...minutes(0) },
      create_platform_owner: { ...catalogue.create_platform_owner, ...minutes(1) },
      reset_admin_password: { ...catalogue.reset_admin_password, ...minutes(2) },
      reenable_admin: { ...catalogue.reenable_admin, ...minutes(3) },
      audit_view: { ...catalogue.audit_view, ...minutes(4) },
      workspace_recovery: { ...catalogue.workspace_recovery, ...minutes(5) },
    };
  });

const fieldIn = (view: unknown, id: string): JsonObject | undefined =>
  asObject(objectsIn(asObject(wire(view))?.blocks).find(({ block_id }) => block_id === id)?.element);
const optionsIn = (view: unknown, id: string): JsonObject[] => objectsIn(fieldIn(view, id)?.options);
const written = (option: JsonObject): string => asString(asObject(option.text)?.text) ?? '';

describe.each(kinds)('the form of %s', (kind) => {
  describe.each([0, 1, 100, 101, 5_000])('with %d tenants', (many) => {
    test('is taken by Slack, the same every time, whatever the tenants are called and the scopes allow', () => {
      fc.assert(
        fc.property(tenantsOf(many), policies, (tenants, scopes) => {
          const form = requestForm({ kind, tenants, scopes });
          expect(objectionsToView(form)).toEqual([]);
          expect(requestForm(frozen({ kind, tenants, scopes }))).toEqual(form);
          expect(markupIn(form)).toEqual([]);
        }),
        { numRuns: many > 1_000 ? 10 : 100 },
      );
    });

    test(many >= 1 && many <= 100 ? 'lets choose every tenant' : 'asks for tenants as they are typed', () => {
      fc.assert(
        fc.property(tenantsOf(many), (tenants) => {
          const form = requestForm({ kind, tenants, scopes: catalogue });
          const listed = many >= 1 && many <= 100;
          expect(fieldIn(form, 'tenant')?.type).toBe(listed ? 'static_select' : 'external_select');
          expect(optionsIn(form, 'tenant').map(({ value }) => value)).toEqual(
            listed ? tenants.map((each) => each.key) : [],
          );
        }),
        { numRuns: 10 },
      );
    });
  });

  test('offers no time longer than a scope of it allows, and its shortest default first', () => {
    const own =
      kind === 'break_glass'
        ? (['content_access', 'create_platform_owner', 'reset_admin_password', 'reenable_admin'] as const)
        : (['audit_view', 'workspace_recovery'] as const);
    fc.assert(
      fc.property(policies, (scopes) => {
        const form = requestForm({ kind, tenants: [], scopes });
        const offered = optionsIn(form, 'duration').map(({ value }) => Number(value));
        expect(Math.max(...offered)).toBe(Math.max(...own.map((scope) => scopes[scope].minutes.max)));
        expect(offered).toEqual([...new Set(offered)].sort((a, b) => a - b));
        expect(Number(asObject(fieldIn(form, 'duration')?.initial_option)?.value)).toBe(
          Math.min(...own.map((scope) => scopes[scope].minutes.default)),
        );
        expect(optionsIn(form, 'scope').map(({ value }) => value)).toEqual(own);
      }),
    );
  });

  test('is empty of tenants while it is found out who asks', () => {
    expect(objectionsToView(skeleton(kind))).toEqual([]);
    expect(fieldIn(skeleton(kind), 'tenant')).toBeUndefined();
  });
});

test('a tenant can be told from every other one by its key, however long its name is', () => {
  fc.assert(
    fc.property(key, name(120), (own, called) => {
      const option = tenantOption({ key: own, name: called });
      expect(violationsOfOptions({ options: wire([option]) })).toEqual([]);
      expect(option.text.text.endsWith(` (${own})`)).toBe(true);
    }),
  );
});

const longName = `${'Acme Corporation of the Whole Wide World and All Its Islands '.repeat(2)}`;
test.each([
  ['short', 'Acme Corp', 'a', 'Acme Corp (a)'],
  ['as long as fits', 'x'.repeat(71), 'a', `${'x'.repeat(71)} (a)`],
  ['longer', 'x'.repeat(72), 'a', `${'x'.repeat(70)}… (a)`],
  ['long with the longest key', longName, 'k'.repeat(63), `Acme Cor… (${'k'.repeat(63)})`],
])('the name of a tenant is cut where it has to be: %s', (_, called, own, shown) => {
  expect(written(objectsIn(wire([tenantOption({ key: own, name: called })]))[0] ?? {})).toBe(shown);
});

describe('the forms of a decision', () => {
  const forms = { deny: denyForm, revoke: revokeForm, 'approve for less': approveShorterForm };

  test.each(Object.entries(forms))('%s is taken by Slack and carries only what it is about', (_, form) => {
    fc.assert(
      fc.property(fc.uuid(), fc.constantFrom(...legRoles), (grant, leg) => {
        const view = form(`${grant}:${leg}`);
        expect(objectionsToView(view)).toEqual([]);
        expect(view.private_metadata).toBe(`${grant}:${leg}`);
        expect(form(`${grant}:${leg}`)).toEqual(view);
      }),
    );
  });

  test.each(Object.entries(forms))('%s takes 1,000 characters, of whatever kind', (_, form) => {
    const max = fieldIn(form('1:owner'), 'comment')?.max_length;
    expect(max).toBeGreaterThanOrEqual('🚒'.repeat(1000).length);
  });
});

describe('a modal that only says something', () => {
  test('is taken by Slack, whatever it is called and says', () => {
    fc.assert(
      fc.property(text(100), text(1000), fc.boolean(), (title, says, marked) => {
        const view = messageModal(title, marked ? mrkdwn('A sentence of ours.') : says);
        expect(objectionsToView(view)).toEqual([]);
        expect(messageModal(title, marked ? mrkdwn('A sentence of ours.') : says)).toEqual(view);
        expect(markupIn(view)).toEqual([]);
      }),
    );
  });

  test('says why a ticket does not match at its field, in the pattern’s own characters', () => {
    const refusal = { kind: 'ticket_format', pattern: '^<!here>|_x_+$' } as const;
    const field = fieldOf(refusal) ?? '';
    const form = wire(requestForm({ kind: 'break_glass', tenants: [], scopes: catalogue }));
    expect(violationsOfErrors({ [field]: refusalSentence(refusal) }, asObject(form) ?? {})).toEqual([]);
    expect(refusalSentence(refusal)).toContain(refusal.pattern);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { configured } from './configurations.ts';
import {
  as,
  ask,
  auditOf,
  cardIn,
  decideByForm,
  entriesFor,
  openForm,
  press,
  quiet,
  submitRequest,
  tidy,
} from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const grants = () => stack.db.query('superuser', "select id from grants where state in ('requested', 'active')");
const lone = '\ud83d';

describe('a mistake in the request is shown at its field', () => {
  const mistakes: { field: string; what: string; entered: Record<string, string>; says: RegExp }[] = [
    {
      field: 'tenant',
      what: 'one that is not there',
      entered: { tenant: 'umbrella' },
      says: /^There is no such tenant/,
    },
    { field: 'tenant', what: 'the system’s own', entered: { tenant: 'system' }, says: /^There is no such tenant/ },
    { field: 'tenant', what: 'nothing', entered: { tenant: '' }, says: /^There is no such tenant/ },
    { field: 'tenant', what: 'SQL', entered: { tenant: "acme' or '1'='1" }, says: /^There is no such tenant/ },
    {
      field: 'scope',
      what: 'one of the other command',
      entered: { scope: 'audit_view' },
      says: /belongs to the other command/,
    },
    {
      field: 'scope',
      what: 'one that is not there',
      entered: { scope: 'everything' },
      says: /belongs to the other command/,
    },
    {
      field: 'circumstance',
      what: 'nothing',
      entered: { circumstance: '' },
      says: /^Choose which circumstance applies/,
    },
    {
      field: 'circumstance',
      what: 'convenience',
      entered: { circumstance: 'convenience' },
      says: /^Choose which circumstance/,
    },
    {
      field: 'reason',
      what: '14 characters',
      entered: { reason: 'x'.repeat(14) },
      says: /^Write between 15 and 1000 .* has 14/,
    },
    {
      field: 'reason',
      what: '1,001 characters',
      entered: { reason: 'x'.repeat(1001) },
      says: /^Write between 15 and 1000 .* has 1001/,
    },
    {
      field: 'reason',
      what: '1,001 characters beyond the first plane',
      entered: { reason: '😀'.repeat(1001) },
      says: /has 1001/,
    },
    { field: 'reason', what: 'blanks', entered: { reason: ' '.repeat(40) }, says: /^Write between 15 and 1000/ },
    {
      field: 'reason',
      what: 'half a character',
      entered: { reason: `It is on fire again ${lone}` },
      says: /can ?not be stored/,
    },
    { field: 'reason', what: 'a NUL', entered: { reason: 'It is on fire again \0' }, says: /can ?not be stored/ },
    {
      field: 'ticket',
      what: 'not a ticket',
      entered: { ticket: 'soon' },
      says: /^This is not a ticket number. It has to match/,
    },
    {
      field: 'ticket',
      what: 'a ticket and more',
      entered: { ticket: 'INC-42\nINC-43' },
      says: /^This is not a ticket number/,
    },
    { field: 'ticket', what: 'nothing', entered: { ticket: '' }, says: /^This is not a ticket number/ },
    { field: 'ticket', what: 'a NUL', entered: { ticket: 'INC-42\0' }, says: /can ?not be stored|not a ticket/ },
    {
      field: 'duration',
      what: 'longer than the scope allows',
      entered: { duration: '241' },
      says: /^Choose 4 h or less for this scope/,
    },
    { field: 'duration', what: 'nothing', entered: { duration: '0' }, says: /^Choose 4 h or less/ },
    { field: 'duration', what: 'a negative', entered: { duration: '-1' }, says: /^Choose 4 h or less/ },
    { field: 'duration', what: 'no number', entered: { duration: 'forever' }, says: /^Choose 4 h or less/ },
  ];

  test.each(mistakes)('$field: $what', async ({ field, entered, says }) => {
    const olivia = await openForm(stack, 'olivia');
    const sent = await olivia.submit(entriesFor(entered), { force: true });
    expect(sent).toEqual({ kind: 'errors', errors: { [field]: expect.stringMatching(says) } });
    expect(await grants()).toEqual([]);
  });

  test('tenant: what is asked for or active already', async () => {
    await ask(stack, { scope: 'workspace_recovery' });
    expect(await submitRequest(stack, { scope: 'workspace_recovery' })).toMatchObject({
      errors: { tenant: 'You already asked for this. Withdraw that request before you ask again.' },
    });
    await ask(stack, { scope: 'audit_view' });
    expect(await submitRequest(stack, { scope: 'audit_view' })).toMatchObject({
      errors: { tenant: 'You already have this access. End it before you ask again.' },
    });
    expect(await grants()).toHaveLength(2);
  });

  test('exactly at the limits nothing is wrong', async () => {
    for (const given of [
      { reason: 'x'.repeat(15) },
      { reason: '😀'.repeat(1000) },
      { duration: '240' },
      { duration: '1' },
      { ticket: `A-${'9'.repeat(98)}` },
    ]) {
      await ask(stack, given);
      await tidy(stack);
    }
  });

  test('two mistakes are shown one after the other, and the same form, put right, is one request', async () => {
    const olivia = await openForm(stack, 'olivia');
    expect((await olivia.submit(entriesFor({ reason: 'short', duration: '999' }), { force: true })).kind).toBe(
      'errors',
    );
    expect((await olivia.submit(entriesFor({ duration: '999' }), { force: true })).kind).toBe('errors');
    expect((await olivia.submit(entriesFor(), { force: true })).kind).toBe('closed');
    expect(await grants()).toHaveLength(1);
  });
});

describe('a mistake in a decision is shown at its field', () => {
  test.each([
    { comment: '   ', what: 'blanks' },
    { comment: '', what: 'nothing' },
    { comment: 'x'.repeat(1001), what: '1,001 characters' },
    { comment: `no ${lone}`, what: 'half a character' },
    { comment: 'no \0', what: 'a NUL' },
  ])('the reason of a denial and of a revocation: $what', async ({ comment }) => {
    const waiting = await ask(stack);
    const running = await ask(stack, { scope: 'audit_view' });
    for (const [button, grant, who] of [
      ['deny', waiting, 'sam'],
      ['revoke', running, 'sofia'],
    ] as const) {
      const before = await auditOf(stack, grant);
      const sent = await decideByForm(stack, who, channels.security.id, grant, button, { comment });
      expect(sent).toEqual({ kind: 'errors', errors: { comment: expect.any(String) } });
      expect(await auditOf(stack, grant)).toEqual(before);
      expect(await as(stack, who).submit({ comment: 'a real reason' })).toEqual({ kind: 'closed' });
      expect(await auditOf(stack, grant)).toHaveLength(before.length + 1);
    }
  });
});

describe('an operator with an overdue review', () => {
  test('is told in place of the form, with a link to the review, and still gets support access', async () => {
    const grant = await ask(stack);
    await press(stack, 'anna', channels.acme.id, grant, 'approve');
    await press(stack, 'sam', channels.security.id, grant, 'approve');
    await press(stack, 'olivia', cast.olivia.id, grant, 'end');
    await cardIn(stack, cast.olivia.id, grant, 'Ended');
    await quiet(stack); // where the review's card stands is known when its notice is settled
    await stack.db.clock.advance(72 * 60 * 60_000);
    const sent = await submitRequest(stack);
    expect(sent).toMatchObject({ kind: 'updated' });
    expect(JSON.stringify(sent)).toMatch(
      /<https:[^|>]*\|The review[^>]*> is overdue since \d{4}-\d\d-\d\d\. Ask security to complete or excuse it\./,
    );
    await ask(stack, { scope: 'audit_view' });
    await ask(stack, { by: 'omar' });
  });
});

describe('more than a hundred tenants', () => {
  const extra = Array.from(
    { length: 130 },
    (_, i) => `  - { key: customer-${i}, name: ${i % 2 ? 'Müller' : 'Smith'} ${i} & Sons }`,
  );
  beforeAll(async () => {
    await stack.restart(
      configured({
        '  - { key: initech, name: Initech }': ['  - { key: initech, name: Initech }', ...extra].join('\n'),
      }),
    );
  });

  test('are searched by key and by name as the operator types, at most a hundred at a time', async () => {
    const olivia = await openForm(stack, 'olivia', 'audit_view');
    const offered = async (typed: string) => {
      const found = await olivia.options('tenant', typed);
      if (found.kind !== 'options') throw new Error(found.kind);
      return found.options.map(({ value }) => value);
    };
    expect(await offered('')).toHaveLength(100);
    expect(await offered('MÜLLER 7')).toEqual(expect.arrayContaining(['customer-7', 'customer-71']));
    expect((await offered('customer-12')).sort()).toEqual(
      ['customer-12', ...Array.from({ length: 10 }, (_, i) => `customer-12${i}`)].sort(),
    );
    expect(await offered('& sons')).toHaveLength(100);
    expect(await offered('nothing like it')).toEqual([]);
    expect(await offered('customer-77')).toEqual(['customer-77']);
    expect(await olivia.submit(entriesFor({ scope: 'audit_view', tenant: 'customer-77' }))).toEqual({ kind: 'closed' });
    expect(await grants()).toHaveLength(1);
  });

  test('one that was not offered is looked up all the same: a made-up key is refused at the field', async () => {
    const olivia = await openForm(stack, 'olivia', 'audit_view');
    const sent = await olivia.submit(entriesFor({ scope: 'audit_view', tenant: 'customer-999' }), { force: true });
    expect(sent).toEqual({ kind: 'errors', errors: { tenant: 'There is no such tenant that you can use here.' } });
    expect(await grants()).toEqual([]);
  });
});

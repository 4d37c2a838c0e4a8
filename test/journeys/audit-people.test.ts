import { parse } from 'csv-parse/sync';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { cast, type Player } from '../../sandbox/cast.ts';
import { type OpenView, pressable, renderView } from '../../sandbox/slack/index.ts';
import { objectsIn } from '../../sandbox/slack/json.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { actionsIn, looksAt, noSuchView } from './trail.ts';
import { answerTo, as, ask, auditOf, command, tidy, untilState } from './verbs.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack();
});
afterEach(() => tidy(stack));
afterAll(() => stack.stop());

const { view, look, forge, page, fill } = looksAt(() => stack);
const shownIn = (view: OpenView) => renderView(view, stack.slack.reader('UTC'));
const audit = (who: Player, words = '', name = '/breakglass') => command(stack, who, `${name} audit ${words}`.trim());
const viewed = () =>
  stack.db.query<{ actor: string; tenant: string | null; rows: number }>(
    'superuser',
    `select actor, t.key as tenant, (details ->> 'rows')::int as rows from audit_events a left join tenants t on t.id = a.tenant_id
      where action = 'audit.viewed' order by a.id`,
  );

/** What came by direct message since, with its file. */
async function fileTo(who: Player, press: () => Promise<unknown>) {
  const before = stack.slack.messages(as(stack, who).dm()).length;
  const said = await answerTo(stack, who, press);
  const message = stack.slack
    .messages(as(stack, who).dm())
    .slice(before)
    .find(({ files }) => files);
  const [file] = message?.files ?? [];
  return { said, message, name: file?.name, csv: stack.slack.file(String(file?.id))?.toString() ?? '' };
}

describe('by role', () => {
  test('an auditor sees everything, narrowed down by words', async () => {
    await view('globex', 'omar');
    await ask(stack, { by: 'olivia', reason: 'The import of Acme is corrupting documents' });
    expect(await audit('ada')).toContain('*Audit trail of everything*, newest first. Each look is on record.');
    const words = 'acme by @olivia since 1h action requested kind break-glass';
    const answer = await audit('ada', words);
    expect(answer).toContain('Only: break-glass, by or about @Olivia, action requested, since ');
    expect(actionsIn(answer)).toEqual(['break_glass.requested']);
    expect(actionsIn(await audit('ada', 'globex by @omar since 1h'))).toEqual([
      'support_access.activated',
      'support_access.requested',
    ]);
  });

  test('an owner sees their own tenant, and another is no other than one that is not there', async () => {
    expect(await audit('gina')).toContain('*Audit trail of Globex*');
    expect(await audit('gina', 'globex')).toContain('*Audit trail of Globex*');
    expect(await audit('gina', 'acme')).toBe(noSuchView);
    expect(await audit('gina', 'umbrella')).toBe(noSuchView);
    expect(await audit('ben')).toContain('*Audit trail of Acme Corp*');
  });

  test('the support-access history of a tenant is the same rows, of that kind', async () => {
    const grant = await view('globex', 'omar');
    const support = await audit('gina', '', '/support-access');
    expect(support).toContain('Only: support access.');
    expect(actionsIn(support).every((action) => action?.startsWith('support_access.'))).toBe(true);
    expect(actionsIn(support)).toEqual(expect.arrayContaining(await auditOf(stack, grant)));
    expect(await audit('gina', 'kind all', '/support-access')).not.toContain('Only:');
  });

  test('each look is on record, and the next page too', async () => {
    await fill('globex', 12);
    const before = (await viewed()).length;
    await audit('gina');
    await answerTo(stack, 'gina', () => as(stack, 'gina').click(page('gina'), 'audit_older'));
    const actor = `slack:T0HOME:${cast.gina.id}`;
    expect((await viewed()).slice(before)).toEqual([
      { actor, tenant: 'globex', rows: 10 },
      { actor, tenant: 'globex', rows: expect.any(Number) },
    ]);
  });

  test.each<[string, string]>([
    ['since tomorrow', 'I don\'t understand "tomorrow"'],
    ['acme globex', 'Say it like this: audit acme by @olivia since 7d action approved.'],
    ['by olivia', 'Mention the person with @'],
  ])('%s is told what is wrong with it', async (words, answer) => {
    expect(await audit('ada', words)).toContain(answer);
  });
});

describe('the buttons of a page', () => {
  test('are looked at anew by whoever presses them', async () => {
    await fill('acme', 12);
    await audit('anna');
    const [older] = [as(stack, 'anna').button(page('anna'), 'audit_older')];
    const value = String(older?.value);
    for (const button of ['audit_older', 'audit_csv']) {
      expect(await forge(value, 'gina', button)).toBe(noSuchView);
      expect(await forge(value, 'otis', button)).toBe(noSuchView);
    }
    stack.slack.updateUser(cast.anna.id, { deleted: true });
    expect(await answerTo(stack, 'anna', () => as(stack, 'anna').click(page('anna'), 'audit_older'))).toBe(noSuchView);
    stack.slack.updateUser(cast.anna.id, { deleted: false });
  });

  test('Filter opens a form, whose answer takes its place and goes on from there', async () => {
    await view('acme', 'olivia');
    await ask(stack, { by: 'omar', tenant: 'acme' });
    await fill('acme', 12);
    await audit('ada', 'acme since 1h');
    const ada = as(stack, 'ada');
    await ada.click(page('ada'), 'audit_filter');
    const form = await ada.modal('audit_filter');
    expect(shownIn(form)).toContain('acme');
    await ada.submit({ person: cast.olivia.id, kind: 'support_access', window: 'as_before' });
    const found = await ada.modal((shown) => shownIn(shown).includes('Only:'));
    expect(shownIn(found)).toContain('Only: support access, by or about @Olivia, since ');
    expect(actionsIn(shownIn(found))).toEqual(['support_access.activated', 'support_access.requested']);
    await ada.clickInView('audit_filter');
    await ada.modal('audit_filter');
    await ada.submit({ person: '', window: 'ever', action: 'tenant', kind: 'any' });
    const wider = await ada.modal((shown) => shownIn(shown).includes('action tenant'));
    expect(pressable(objectsIn(wider.definition.blocks))).toContain('audit_older');
    const waysOf = ({ definition }: OpenView) => JSON.stringify(objectsIn(definition.blocks).at(-1));
    const ways = waysOf(wider);
    await ada.clickInView('audit_older');
    const next = await ada.modal((shown) => waysOf(shown) !== ways);
    expect(shownIn(next)).toContain('Only: action tenant.');
    await ada.close({ all: true });
  });

  test('the form tells nothing, and whoever may not see is told so in its place', async () => {
    const otis = as(stack, 'otis');
    await forgeFilter('otis');
    await otis.modal('audit_filter');
    await otis.submit({ tenant: 'acme' });
    await otis.modal((shown) => shownIn(shown).includes(noSuchView));
    await otis.close({ all: true });
  });

  const forgeFilter = (who: Player) =>
    as(stack, who).clickRaw(
      { action_id: 'audit_filter', value: 'tenant=acme' },
      { channel: 'C0GENERAL', ts: '1.000001' },
    );
});

describe('CSV by DM', () => {
  test('brings every row of what the page shows, and nothing of what it does not', async () => {
    const grant = await view('globex', 'omar');
    await fill('globex', 25);
    await ask(stack, { by: 'olivia', reason: '=HYPERLINK("https://evil.example","open me")' });
    await audit('gina');
    const { said, message, name, csv } = await fileTo('gina', () => as(stack, 'gina').click(page('gina'), 'audit_csv'));
    expect(said).toMatch(/^The CSV is in your direct messages\. \d+ rows\.$/);
    expect(name).toMatch(/^audit-globex-\d{8}-\d{4}\.csv$/);
    expect(message?.text).toContain('Audit trail of Globex.');
    const rows: Record<string, string>[] = parse(csv, { bom: true, columns: true, record_delimiter: '\r\n' });
    const all = await stack.db.query<{ id: string }>(
      'superuser',
      `select a.id::text from audit_events a join tenants t on t.id = a.tenant_id where t.key = 'globex'
          and a.action <> 'audit.exported' order by a.id`,
    );
    expect(rows.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
    expect(rows.filter(({ grant: of }) => of === grant).map(({ action }) => action)).toEqual(
      await auditOf(stack, grant),
    );
    expect(new Set(rows.map(({ tenant }) => tenant))).toEqual(new Set(['globex']));
  });

  test('runs nothing that somebody typed', async () => {
    const formula = '=HYPERLINK("https://evil.example","open me")';
    await ask(stack, { by: 'olivia', ticket: 'INC-7', reason: formula });
    await audit('anna', 'action requested');
    const { csv } = await fileTo('anna', () => as(stack, 'anna').click(page('anna'), 'audit_csv'));
    const rows: string[][] = parse(csv, { bom: true, record_delimiter: '\r\n' });
    expect(rows.flat().filter((cell) => /^[\s]*[=+\-@\t\r]/.test(cell))).toEqual([]);
    expect(rows.flat().join('\n')).toContain('evil.example');
  });

  test('is on record with its number of rows, before it leaves', async () => {
    await audit('ada', 'globex');
    const fault = stack.slack.fault('files.completeUploadExternal', { kind: 'platform_error', error: 'fatal_error' });
    const { said } = await fileTo('ada', () => as(stack, 'ada').click(page('ada'), 'audit_csv'));
    fault.remove();
    expect(said).toBe('Slack did not take the file: fatal_error. Try again later.');
    const [row] = await stack.db.query<{ details: Record<string, unknown>; tenant: string }>(
      'superuser',
      `select details, t.key as tenant from audit_events a join tenants t on t.id = a.tenant_id
        where action = 'audit.exported' order by a.id desc limit 1`,
    );
    expect(row).toMatchObject({ tenant: 'globex', details: { format: 'csv', rows: expect.any(Number) } });
  });

  test('under audit view is a use of that grant, and over with it', async () => {
    const grant = await view('acme', 'olivia');
    await look('acme');
    const shown = page();
    const { csv } = await fileTo('olivia', () => as(stack, 'olivia').click(shown, 'audit_csv'));
    expect(csv).toContain('support_access.activated');
    expect((await auditOf(stack, grant)).slice(-3)).toEqual(['access.allowed', 'access.allowed', 'audit.exported']);
    await stack.db.clock.advance(61 * 60_000);
    await untilState(stack, grant, 'expired');
    const again = await fileTo('olivia', () => as(stack, 'olivia').click(shown, 'audit_csv'));
    expect(again).toMatchObject({ said: noSuchView, csv: '' });
  });

  test('goes to whoever presses and to nobody else', async () => {
    await audit('anna');
    const counts = () => Object.values(cast).map(({ id }) => stack.slack.messages(as(stack, { id }).dm()).length);
    const before = counts();
    await fileTo('anna', () => as(stack, 'anna').click(page('anna'), 'audit_csv'));
    const after = counts();
    const changed = Object.values(cast).filter((_, i) => after[i] !== before[i]);
    expect(changed.map(({ id }) => id)).toEqual([cast.anna.id]);
  });
});

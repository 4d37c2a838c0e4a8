import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { configured } from '../journeys/configurations.ts';
import { answerTo, approve, as, ask, cardIn, decideByForm, quiet, submitRequest, tidy } from '../journeys/verbs.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { markupIn, wordsOf } from './views-markup.ts';

/** In everything typed below, so that it can be told where it went. */
const marker = 'typedbysomebody';
const slackMarkup =
  '<!channel> *bold* _it_ ~s~ `code` <https://evil.example|Approve> <@U0OTIS> <#C0GENERAL> &lt;!here&gt; <!everyone>';
const thousand = '🚒e\u0301\u0323障*';
const points = (text: string, most: number) => [...text].slice(0, most).join('');

const typedTexts: { what: string; text: string }[] = [
  { what: 'Slack’s markup', text: `${slackMarkup} ${marker}` },
  { what: 'marks beside invisible characters', text: `\u200b*${marker}\u200b* \u2060_${marker}\u2060_` },
  { what: 'names of emoji', text: `:tada: ${marker} :white_check_mark::skin-tone-2:` },
  { what: 'a quote', text: `>>> ${marker} was approved by security` },
  { what: 'a thousand characters, beyond 16 bits and combined', text: points(marker + thousand.repeat(200), 1000) },
  { what: 'a direction turned round', text: `\u202e${marker} \u2066 is over \u2069 עזרה \u202d` },
  { what: 'orders to a terminal', text: `\u001b[31m${marker}\u001b[0m\u0007\u0008\u009b2J` },
  { what: 'a line of the log', text: `${marker}\n{"level":60,"msg":"forged","who":"${marker}"}\n` },
  { what: 'a formula', text: `=cmd()|'/c calc'!A1 +${marker} @SUM(1)` },
  { what: 'lines', text: `${marker}\r\n\t• Security: approved by <@U0SAM>\u2028\u2029${marker}` },
  { what: 'addresses', text: `https://evil.example/${marker} javascript:alert(1)|x>{ticket}$& mailto:a@evil.example` },
];
const tenantName = `> ${slackMarkup.slice(0, 92)} :tada:\n\u202e\u001b`;

const ticketOf = (text: string) => (text.length <= 100 ? text : points(text, 50));

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    yaml: configured({
      "pattern: '^[A-Z]+-\\d+$'": "pattern: '.+'",
      'name: Acme Corp': `name: ${JSON.stringify(tenantName)}`,
    }),
  });
});
afterAll(() => stack.stop());

interface Played {
  denied: string;
  revoked: string;
}

/** Asks, is denied; asks again, is approved for less, looks at it, is revoked: whatever can be typed is `text`. */
async function play(tenant: 'acme' | 'globex', text: string): Promise<Played> {
  const owner = tenant === 'acme' ? 'anna' : 'gina';
  const place = channels[tenant].id;
  const asking = { tenant, reason: text, ticket: ticketOf(text) };
  const denied = await ask(stack, asking);
  await decideByForm(stack, owner, place, denied, 'deny', { comment: text });
  await cardIn(stack, place, denied, 'Denied by');
  const revoked = await ask(stack, asking);
  await decideByForm(stack, owner, place, revoked, 'approve_shorter', { duration: '5', comment: text });
  await approve(stack, 'sam', channels.security.id, revoked);
  await cardIn(stack, place, revoked, 'Active until');
  await answerTo(stack, 'olivia', () => as(stack, 'olivia').command('/breakglass', 'status'));
  await answerTo(stack, 'sam', () => as(stack, 'sam').command('/breakglass', `status ${tenant}`));
  await decideByForm(stack, 'sam', channels.security.id, revoked, 'revoke', { comment: text });
  await cardIn(stack, place, revoked, 'Revoked by');
  await quiet(stack);
  return { denied, revoked };
}

/** Everything that stands in Slack since: kinds of markup, message by message; who is mentioned apart. */
function shownSince(before: number): string[][] {
  const last = stack.slack.world.messages.all().filter(({ ts }) => Number(ts) > before);
  const byPlace = (channel: string) => (channel === channels.globex.id ? channels.acme.id : channel);
  return last
    .map((message) => ({ at: `${byPlace(message.channel)} ${message.ephemeralTo}`, ts: message.ts, message }))
    .sort((a, b) => a.at.localeCompare(b.at) || Number(a.ts) - Number(b.ts))
    .map(({ at, message: { text, blocks } }) => [
      at,
      ...markupIn({ text, blocks }).map((each) => each.replace('U0GINA', 'U0ANNA')),
    ]);
}
const lastTs = () => Math.max(0, ...stack.slack.world.messages.all().map(({ ts }) => Number(ts)));

/** What the bot itself says: whom it may mention, where it may link, its own bold words. */
const intended = new Set([
  ...[cast.olivia, cast.anna, cast.gina, cast.sam].map(({ id }) => `mention @${id}`),
  'link https://tickets.example.com',
  'date',
  'mark *',
  'line',
]);

let usual: string[][];
beforeAll(async () => {
  const before = lastTs();
  await play('globex', 'letters and nothing but letters');
  usual = shownSince(before);
});

describe.each(typedTexts)('$what, typed wherever something can be typed', ({ text }) => {
  let calls: number;
  let before: number;
  let played: Played;
  beforeAll(async () => {
    calls = stack.slack.calls().length;
    before = lastTs();
    played = await play('acme', text);
  });

  test('looks in Slack as letters would: the same marks, mentions, dates, links and lines, and nothing more', () => {
    expect(usual.length).toBeGreaterThan(8);
    expect(shownSince(before)).toEqual(usual);
  });

  test('never was, in anything sent to Slack, a mention, a link, a mark or a line that is not the bot’s own', () => {
    const sent = stack.slack
      .calls()
      .slice(calls)
      .map(({ args }) => args);
    expect(sent.length).toBeGreaterThan(15);
    expect(JSON.stringify(sent)).toContain(marker);
    expect(sent.flatMap(markupIn).filter((each) => !intended.has(each))).toEqual([]);
    const read = sent.flatMap(wordsOf).filter(({ markup }) => markup);
    expect(read.filter((each) => /<!(?!date\^)|<mailto:|<javascript:/i.test(each.text))).toEqual([]);
  });

  test('is kept exactly as typed, in the grant and in the audit', async () => {
    const grants = await stack.db.query(
      'superuser',
      'select id, reason, ticket, close_reason from grants where id = any($1) order by requested_at',
      [[played.denied, played.revoked]],
    );
    const kept = { reason: text, ticket: ticketOf(text), close_reason: text };
    expect(grants).toEqual([
      { id: played.denied, ...kept },
      { id: played.revoked, ...kept },
    ]);
    const comments = await stack.db.query(
      'superuser',
      "select comment from legs where grant_id = any($1) and role = 'owner'",
      [[played.denied, played.revoked]],
    );
    expect(comments).toEqual([{ comment: text }, { comment: text }]);
    const audited = await stack.db.query<{ action: string; typed: string }>(
      'superuser',
      `select action, coalesce(entry::jsonb #>> '{details,reason}', entry::jsonb #>> '{details,comment}') as typed
         from audit_events where grant_id = $1 and action ~ '(requested|approved|revoked)$' order by id`,
      [played.revoked],
    );
    expect(audited.filter(({ typed }) => typed !== null)).toEqual([
      { action: 'break_glass.requested', typed: text },
      { action: 'break_glass.approved', typed: text },
      { action: 'break_glass.revoked', typed: text },
    ]);
  });

  test('typed after a command is answered to nobody but its writer, without any mark, and is not taken for a tenant', async () => {
    for (const words of [text, `status ${text}`]) {
      const everything = stack.slack.world.messages.all().length;
      const answer = await answerTo(stack, 'sam', () => as(stack, 'sam').command('/breakglass', words));
      expect(answer).toMatch(/^I don't know "|^There is no such tenant/);
      expect(stack.slack.world.messages.all()).toHaveLength(everything + 1);
      const { text: said, blocks } = as(stack, 'sam').ephemerals.at(-1) ?? { text: '<none>', blocks: [] };
      expect(markupIn({ text: said, blocks })).toEqual([]);
    }
  });
});

test('of all that was typed, nothing is in the log, and no line of it is one that somebody typed', () => {
  const log = JSON.stringify(stack.log);
  expect(stack.log.length).toBeGreaterThan(50);
  for (const typed of [marker, 'evil.example', 'forged', 'cmd()', '<!', ':tada:', '🚒'])
    expect(log).not.toContain(typed);
});

describe.each([
  { what: 'NUL', broken: '\0' },
  { what: 'the first half of a pair', broken: '\ud83d' },
  { what: 'the second half of a pair', broken: '\ude92' },
])('$what, which could not be kept as typed', ({ broken }) => {
  const typed = `${marker} of nothing wrong ${broken} at all`;
  let waiting: string;
  let active: string;
  beforeAll(async () => {
    waiting = await ask(stack, { by: 'omar', tenant: 'globex', reason: 'letters and nothing but letters' });
    active = await ask(stack, { by: 'omar', scope: 'audit_view', reason: 'letters and nothing but letters' });
    await quiet(stack);
  });
  afterAll(() => tidy(stack));

  const kept = () =>
    stack.db.query(
      'superuser',
      `select (select jsonb_agg(to_jsonb(g) order by g.id) from grants g) as grants,
              (select jsonb_agg(to_jsonb(l) order by l.grant_id, l.role) from legs l) as legs,
              (select count(*) from outbox) as notices, (select count(*) from handled_requests) as handled,
              (select count(*) from audit_events where action <> 'access.refused') as audited,
              (select count(*) from audit_events where action = 'access.refused' and entry like '%nothing wrong%') as told`,
    );

  const byForm = (button: 'deny' | 'approve_shorter' | 'revoke', entries: Record<string, string>) => {
    const grant = button === 'revoke' ? active : waiting;
    return decideByForm(stack, 'sam', channels.security.id, grant, button, { comment: typed, ...entries });
  };
  const fields = [
    { of: 'the reason of a request', field: 'reason', send: () => submitRequest(stack, { reason: typed }) },
    { of: 'its ticket', field: 'ticket', send: () => submitRequest(stack, { ticket: typed }) },
    { of: 'the reason of a denial', field: 'comment', send: () => byForm('deny', {}) },
    { of: 'the comment of an approval', field: 'comment', send: () => byForm('approve_shorter', { duration: '5' }) },
    { of: 'the reason of a revocation', field: 'comment', send: () => byForm('revoke', {}) },
  ];
  test.each(fields)('is refused at $of, and nothing of it is stored', async ({ field, send }) => {
    const before = await kept();
    const answer = await send();
    expect(answer).toEqual({ kind: 'errors', errors: { [field]: expect.stringContaining('cannot be stored') } });
    expect(await kept()).toEqual(before);
  });

  test('chosen as a tenant names none, and the try is on record', async () => {
    const tries = () =>
      stack.db.query(
        'superuser',
        `select 1 from audit_events where details @> '{"verb": "request", "refusal": "unknown_tenant", "about": null}'`,
      );
    const [before, recorded] = [await kept(), (await tries()).length];
    const answer = await submitRequest(stack, { tenant: `acme${broken}` });
    expect(answer).toEqual({ kind: 'errors', errors: { tenant: 'There is no such tenant that you can use here.' } });
    expect(await kept()).toEqual(before);
    expect(await tries()).toHaveLength(recorded + 1);
  });

  test('after a command names no tenant, and nothing of it is stored', async () => {
    const before = await kept();
    const answer = await answerTo(stack, 'sam', () => as(stack, 'sam').command('/breakglass', `status a${broken}cme`));
    expect(answer).toBe('There is no such tenant that you can use here.');
    expect(await kept()).toEqual(before);
  });

  test('leaves nothing that was typed in the log', () => {
    expect(JSON.stringify(stack.log)).not.toContain(marker);
  });
});

import { WebClient } from '@slack/web-api';
import { expect, test } from 'vitest';
import type { Notice } from '../../src/domain/notices.ts';
import { lastMatch } from '../../src/jobs/schedule.ts';
import { deliver } from '../../src/slack/deliver.ts';
import { cardSubject } from '../../src/slack/subjects.ts';
import { card } from '../../src/slack/views/card.ts';
import { digestMessage, factMessage } from '../../src/slack/views/messages.ts';
import { loadGrant } from '../../src/store/grants.ts';
import { approve } from '../../src/usecases/approve.ts';
import { request } from '../../src/usecases/request.ts';
import { revoke } from '../../src/usecases/revoke.ts';
import { sendDigestsIfDue } from '../../src/usecases/send-digests.ts';
import { countUses } from '../support/uses.ts';
import { command, grantOf, type Office, office, work } from './office.ts';

const everyMorning = lastMatch({ cron: '0 8 * * *', timezone: 'UTC' });
const DAY_MS = 24 * 60 * 60_000;

/** The same story in two tenants, told by the same operator and the same security, in words of each tenant's own. */
const stories = [
  { tenant: 'acme', owner: 'anna', channel: 'C0ACME', words: ['Acme', 'acme', 'ANVIL', 'anvils', 'U0ANNA', 'C0ACME'] },
  { tenant: 'globex', owner: 'gina', channel: 'C0GLOBEX', words: ['Globex', 'globex', 'LASER', 'lasers', 'U0GINA'] },
] as const;
type Story = (typeof stories)[number];

async function live(at: Office, { tenant, owner, words: [, , ticket, things] }: Story): Promise<string> {
  const [olivia, its, sam] = [await at.actor('olivia'), await at.actor(owner), await at.actor('sam')];
  const asked = { ...command(olivia).asked, reason: `The import of ${things} is broken`, ticket: `${ticket}-1` };
  const grant = grantOf(await request(at.context, command(olivia, { tenantKey: tenant, asked }), work()));
  const rest = { grant, minutes: null, comment: `Only the ${things}` };
  grantOf(await approve(at.context, { actor: its, leg: 'owner', ...rest }, work()));
  grantOf(await approve(at.context, { actor: sam, leg: 'security', ...rest }, work()));
  await countUses(at.db, grant, [`${things}.read`, 2, 1]);
  grantOf(await revoke(at.context, { actor: its, grant, reason: `The ${things} are safe` }, work()));
  return grant;
}

interface Told {
  destination: string;
  tenant: string | null;
  grant: string | null;
  notice: Notice;
}

const toldTo = ({ db }: Office, channel: string) =>
  db.query<Told & { [column: string]: unknown }>(
    'superuser',
    `select destination, (select key from tenants t where t.id = tenant_id) as tenant, grant_id as grant, payload as notice
       from outbox where destination = $1 order by id`,
    [channel],
  );

/** What is read in Slack, drawn in the scope of the tenant whose notice it is. */
async function drawn({ context, db }: Office, { tenant, notice }: Told): Promise<string> {
  if (notice.kind === 'digest') return JSON.stringify(digestMessage(notice.summary));
  if (notice.kind !== 'card' && notice.kind !== 'fact') throw new Error(`Nothing draws ${notice.kind} here.`);
  const [row] = await db.query<{ id: string }>('superuser', 'select id from tenants where key = $1', [tenant]);
  const at = await context.db.inTenant(row?.id ?? '', (tx) => loadGrant(tx, notice.grant));
  if (!at) throw new Error('The grant is not to be seen from its own tenant.');
  const subject = cardSubject({ settings: () => ({ tickets: { link: null } }) }, at);
  return JSON.stringify(notice.kind === 'card' ? card(subject, notice) : factMessage(notice, subject));
}

test('owners read of their own tenant in cards, facts and digests, and no word of another one', async () => {
  const at = await office();
  await sendDigestsIfDue(at.context, everyMorning, work().requestId); // the schedule begins
  const grants = new Map<string, string>();
  for (const story of stories) grants.set(story.tenant, await live(at, story));
  await at.db.clock.advance(DAY_MS);
  expect(await sendDigestsIfDue(at.context, everyMorning, work().requestId)).toBe(true);
  for (const { tenant, channel, words } of stories) {
    const told = await toldTo(at, channel);
    expect(new Set(told.map(({ notice }) => notice.kind))).toEqual(new Set(['card', 'fact', 'digest']));
    const others = stories.filter((story) => story.tenant !== tenant);
    let read = '';
    for (const each of told) {
      expect([tenant, null]).toContain(each.tenant);
      expect([grants.get(tenant), null]).toContain(each.grant);
      const said = `${JSON.stringify(each.notice)} ${await drawn(at, each)}`;
      read += said;
      for (const word of others.flatMap((story) => [...story.words, grants.get(story.tenant) ?? ''])) {
        expect(said, each.notice.kind).not.toContain(word);
      }
    }
    for (const word of words.slice(0, 4)) expect(read).toContain(word);
  }
});

/** A notice as the outbox has it, before anybody tried to tell it. */
const unsent = { id: 1n, requestId: 'test', attempts: 0, createdAt: new Date(0), late: false, lastError: null };

test('a notice of one tenant about a grant of another is not delivered, wherever it came from', async () => {
  const at = await office();
  const [acme, globex] = stories;
  await live(at, acme);
  const grant = await live(at, globex);
  const [row] = await at.db.query<{ id: string }>('superuser', `select id from tenants where key = 'acme'`);
  const forged: Notice[] = [
    { kind: 'card', grant, legs: [], audience: 'approvers' },
    { kind: 'fact', grant, fact: 'ended', at: new Date().toISOString(), dueAt: null, by: null, reason: null },
    { kind: 'unusual_use', grant, uses: 3, usual: 2 },
  ];
  const deps = {
    db: at.context.db,
    slack: new WebClient('xoxb-nobody', { slackApiUrl: 'http://127.0.0.1:1/' }),
    readers: { areOfOthers: () => Promise.reject(new Error('Slack was asked.')), forget: () => {} },
    settings: () => ({ tickets: { link: null } }),
  };
  for (const notice of forged) {
    const queued = { ...unsent, tenant: row?.id ?? null, notice };
    expect(await deliver(queued, 'C0ACME', [], deps), notice.kind).toMatchObject({
      kind: 'refused',
      error: expect.stringContaining('is not to be seen'),
    });
  }
});

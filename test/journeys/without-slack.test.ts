import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { cast, configuration, populate, workspace } from '../../sandbox/cast.ts';
import { type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { commandLine, type Person } from '../cli/command-line.ts';
import type { Running } from '../config/command.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { startIdentityProvider, type TestIdentityProvider } from '../support/identity-provider.ts';
import { eventually } from './verbs.ts';

const { cli, start, folder, signIn } = commandLine();
// A lane that found nobody pauses for longer each time, and goes on when the pause is over.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
const people = { olivia: cast.olivia, anna: cast.anna, sam: cast.sam };

describe.each([
  { mode: 'HTTP', door: { SLACK_SIGNING_SECRET: workspace.signingSecret } },
  { mode: 'Socket Mode', door: { SLACK_APP_TOKEN: workspace.appToken } },
])('with Slack down from the start ($mode)', ({ door }) => {
  let slack: LocalSlack;
  let db: TestDatabase;
  let provider: TestIdentityProvider;
  let bot: Running;
  let api: string;
  let slackPort: number | null;
  let key: string;
  let as: Record<keyof typeof people, Person>;

  beforeAll(async () => {
    [slack, db, provider] = await Promise.all([
      startLocalSlack({ ...workspace, pacing: false, waitMs: 120_000 }),
      testDatabase(),
      startIdentityProvider(),
    ]);
    populate(slack);
    slack.down();
    const identities = Object.entries(people).map(
      ([sub, { id }]) => `${id}: { issuer: '${provider.issuer}', subject: ${sub} }`,
    );
    const file = path.join(folder(), `${slack.apiUrl.replace(/\W/g, '')}.yml`);
    writeFileSync(file, `${configuration}identities: { ${identities.join(', ')} }\n`);
    const database = { DATABASE_URL: db.url('app') };
    bot = start('main', [], {
      ...database,
      ...door,
      ...{ CONFIG_FILE: file, SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: workspace.botToken },
      ...{ OIDC_ISSUER: provider.issuer, OIDC_AUDIENCE: provider.audience },
      ...{ SLACK_PORT: '0', API_PORT: '0', HOST: '127.0.0.1' },
    });
    const ready = JSON.parse(await bot.said('"msg":"ready"'));
    api = `http://127.0.0.1:${ready.api_port}`;
    slackPort = ready.slack_port;
    const made = await cli(
      ['key', 'create', 'content', '--tenants', 'all', '--subjects', 'all', '--actions', 'all'],
      database,
    );
    key = made.out[0] ?? '';
    // One after the other: the provider signs in whoever it was told last.
    const signedIn: [string, Person][] = [];
    for (const sub of Object.keys(people)) signedIn.push([sub, (await signIn(sub, api, provider)).person]);
    as = Object.fromEntries(signedIn) as typeof as;
  });
  afterAll(async () => {
    bot.signal('SIGTERM');
    await bot.ended;
    await Promise.all([slack.stop(), provider.stop(), db.drop()]);
  });

  const checked = () =>
    cli(['check', '--subject', 'slack:T0HOME:U0OLIVIA', '--action', 'content.read', '--tenant', 'acme'], {
      ...{ BREAKGLASS_URL: api, BREAKGLASS_KEY: key },
    });

  test('the process is ready on the API', async () => {
    expect((await fetch(`${api}/readyz`)).status).toBe(200);
  });

  test('a grant goes through request, two approvals, check and expiry, and Slack catches up when it is back', async () => {
    const asked = await as.olivia(
      ...['request', '--tenant', 'acme', '--scope', 'content_access', '--circumstance', 'critical_incident'],
      ...['--reason', 'The import is corrupting documents', '--ticket', 'INC-42', '--minutes', '30', '--json'],
    );
    expect(asked).toMatchObject({ code: 0, err: [] });
    const { id, state, requested_via: via } = JSON.parse(asked.out.join('\n'));
    expect({ state, via }).toEqual({ state: 'requested', via: 'api' });
    expect(await checked()).toMatchObject({ code: 1, out: [expect.stringMatching(/^no/)] });

    // Nobody decides their own request, here as little as in Slack.
    expect(await as.olivia('approve', id, '--leg', 'security', '--yes')).toMatchObject({ code: 1, out: [] });
    const first = await as.anna('approve', id, '--leg', 'owner', '--yes');
    expect({ code: first.code, state: first.out[1] }).toEqual({ code: 0, state: expect.stringMatching(/requested$/) });
    const second = await as.sam('approve', id.slice(0, 8), '--leg', 'security', '--yes', '--comment', 'Go');
    expect(second).toMatchObject({ code: 0, err: [`${id.slice(0, 8)}: ${id}`] });
    expect(second.out[1]).toMatch(/^state +active$/);
    expect(await checked()).toMatchObject({ code: 0, out: ['yes'] });

    await db.clock.advance(31 * 60_000);
    expect(await checked()).toMatchObject({ code: 1 });
    expect(await as.olivia('watch', id)).toMatchObject({ code: 0, out: [expect.stringMatching(/expired$/)] });

    slack.up();
    if (slackPort !== null) slack.pointAt(`http://127.0.0.1:${slackPort}/slack/events`);
    for (const channel of ['C0ACME', 'C0SECURITY']) {
      const card = await eventually(
        { db },
        async () => slack.messages(channel).find(({ text }) => text.includes('Acme') && text.includes('(expired)')),
        `the card in ${channel}`,
      );
      expect(JSON.stringify(card)).toContain('outside Slack');
    }
  });

  test('and people who come back to Slack find it working', async () => {
    const answer = await slack.until(
      () => (slackPort === null && slack.sockets.count === 0 ? undefined : true),
      'the way from Slack to the bot',
    );
    expect(answer).toBe(true);
    await slack.as(cast.olivia.id).command('/breakglass');
    expect(await slack.as(cast.olivia.id).modal('break_glass_request')).toBeTruthy();
  });
});

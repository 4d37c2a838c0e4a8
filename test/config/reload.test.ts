import { writeFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { runningBots } from './running.ts';

const { at, cli, configFile, started } = runningBots();
afterEach(() => writeFileSync(configFile(), configuration));

/** The sandbox's file with another ticket pattern: what people may type tells which file is in force. */
const tickets = (prefix: string) => configuration.replace("'^[A-Z]+-\\d+$'", () => `'^${prefix}-\\d+$'`);

async function mayType(ticket: string): Promise<boolean> {
  const olivia = at.slack.as('U0OLIVIA');
  await olivia.command('/support-access');
  await olivia.modal('support_access_request');
  const fields = { scope: 'workspace_recovery', reason: 'The only owner has left', duration: '60' };
  const { kind } = await olivia.submit({ tenant: 'acme', ticket, ...fields });
  if (kind === 'errors') await olivia.close();
  return kind !== 'errors';
}

test.each([
  ['SIGHUP', async (bot: { signal(name: 'SIGHUP'): void }) => bot.signal('SIGHUP')],
  [
    'config reload',
    async () => {
      const { code, out, err } = await cli(['config', 'reload'], { DATABASE_URL: at.db.url('app') });
      expect({ code, out, err }).toEqual({
        code: 0,
        out: ['Every running bot reads its file again. Each says in its log whether it took it.'],
        err: [],
      });
    },
  ],
] as const)(
  '%s puts the file as it is now in force; a broken one is refused and the one before stays',
  async (how, reload) => {
    const prefix = how === 'SIGHUP' ? 'HUP' : 'CLI';
    const bot = await started();

    writeFileSync(configFile(), `${tickets(prefix)}\nsecurty: [U0SAM]\n`);
    await reload(bot);
    const refused = JSON.parse(await bot.said('the configuration was refused; the one before stays in force'));
    expect(refused).toMatchObject({ level: 50, mistake: expect.stringContaining('securty') });

    writeFileSync(configFile(), tickets(prefix));
    await reload(bot);
    expect(JSON.parse(await bot.said('"msg":"configuration in force"'))).toMatchObject({
      level: 30,
      policy: expect.stringMatching(/^[0-9a-f]{64}$/),
      epoch: expect.any(Number),
    });
    expect(await mayType('INC-1')).toBe(false);
    bot.signal('SIGTERM');
    const { code, err } = await bot.ended;
    expect({ code, err }).toEqual({ code: 0, err: [] });
  },
);

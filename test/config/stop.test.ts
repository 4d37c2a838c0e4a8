import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { cast, channels } from '../../sandbox/cast.ts';
import { processesWith } from './command.ts';
import { course, runningBots } from './running.ts';

const { at, started, folder } = runningBots();
afterEach(() => at.slack.clearFaults());

describe('while a notice is on its way, the first signal waits and the second does not', () => {
  /** Something is being done until this is called: Slack has a message and does not answer. */
  async function somethingToDo(tenant: 'acme' | 'globex'): Promise<() => void> {
    const fault = at.slack.fault('chat.postMessage', { kind: 'hang' }, { channel: channels[tenant].id });
    const olivia = at.slack.as(cast.olivia.id);
    await olivia.command('/support-access');
    await olivia.modal('support_access_request');
    const fields = { scope: 'workspace_recovery', reason: 'The only owner has left', ticket: 'SUP-1', duration: '60' };
    await olivia.submit({ tenant, ...fields });
    await at.slack.until(() => fault.hanging > 0, 'a notice on its way');
    return () => {
      fault.remove();
      fault.release();
    };
  }

  test.each([
    ['SIGTERM', 143, 'acme'],
    ['SIGINT', 130, 'globex'],
  ] as const)('%s', async (signal, code, tenant) => {
    const bot = await started();
    const done = await somethingToDo(tenant);
    bot.signal(signal);
    await bot.said('"msg":"stopping"');
    const [health, readiness] = await Promise.all(['healthz', 'readyz'].map((page) => fetch(`${bot.api}/${page}`)));
    expect(health?.status).toBe(200);
    expect(readiness?.status).toBe(503);
    expect(await readiness?.json()).toEqual({ status: 'not ready', missing: ['stopping'] });
    bot.signal(signal);
    const ended = await bot.ended;
    done();
    expect({ code: ended.code, course: course(ended.out) }).toEqual({ code, course: ['ready', 'stopping'] });
  });
});

describe('a database of the bot’s own', () => {
  const withOwn = (name: string) => ({ DATABASE_URL: '', DATA_DIR: path.join(folder(), name) });
  const running = (name: string) => processesWith(path.join(folder(), name));

  test('is stopped before the bot is gone', async () => {
    const bot = await started(withOwn('stopped'));
    expect(running('stopped').length).toBeGreaterThan(1);
    bot.signal('SIGINT');
    const { code, out } = await bot.ended;
    // Stopped in order: the database was gone before we were.
    expect(existsSync(path.join(folder(), 'stopped', 'postgres', 'postmaster.pid'))).toBe(false);
    expect(code).toBe(0);
    expect(course(out)).toEqual(['ready', 'stopping', 'stopped']);
    expect(out[0]).toContain('DATABASE_URL is not set: using an embedded PostgreSQL, for trying it out only');
    await expect.poll(() => running('stopped'), { timeout: 20_000 }).toEqual([]);
  });

  test('does not outlive a bot that is killed, and the next start goes on where it was', async () => {
    const bot = await started(withOwn('killed'));
    const olivia = at.slack.as(cast.olivia.id);
    await olivia.command('/support-access');
    await olivia.modal('support_access_request');
    const fields = { scope: 'audit_view', reason: 'Who changed the settings', ticket: 'SUP-1', duration: '60' };
    expect(await olivia.submit({ tenant: 'acme', ...fields })).toMatchObject({ kind: 'closed' });
    bot.signal('SIGKILL');
    expect(await bot.ended).toMatchObject({ signal: 'SIGKILL' });
    await expect.poll(() => running('killed'), { timeout: 20_000 }).toEqual([]);

    const next = await started(withOwn('killed'));
    await olivia.command('/support-access', 'status');
    await at.slack.until(() => JSON.stringify(olivia.ephemerals).includes('Acme'), 'the grant to be there');
    next.signal('SIGTERM');
    expect((await next.ended).code).toBe(0);
    await expect.poll(() => running('killed'), { timeout: 20_000 }).toEqual([]);
  });
});

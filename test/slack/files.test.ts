import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cast, populate, workspace } from '../../sandbox/cast.ts';
import { type Fault, type LocalSlack, startLocalSlack } from '../../sandbox/slack/index.ts';
import { slackClients } from '../../src/slack/clients.ts';
import { sendFile } from '../../src/slack/files.ts';

async function slackWith(scopes: readonly string[] = workspace.scopes): Promise<LocalSlack> {
  const slack = await startLocalSlack({ ...workspace, pacing: false, scopes });
  onTestFinished(() => slack.stop());
  populate(slack);
  return slack;
}
const bytes = Buffer.from('a,b\r\n');
const file = { name: 'a.csv', title: 'A', bytes, comment: 'Here it is' };
const send = (slack: LocalSlack, user: string = cast.anna.id) =>
  sendFile(slackClients(workspace.botToken, slack.apiUrl).patient, user, file);
const inDm = (slack: LocalSlack) => slack.messages(slack.as(cast.anna.id).dm()).filter(({ files }) => files);

describe('a file for one person', () => {
  test('stands in their direct messages, to the byte', async () => {
    const slack = await slackWith();
    expect(await send(slack)).toEqual({ kind: 'sent' });
    const [message] = inDm(slack);
    expect(message?.text).toBe('Here it is');
    expect(slack.file(String(message?.files?.[0]?.id))).toEqual(bytes);
  });

  test.each<[string, Fault, string]>([
    ['conversations.open', { kind: 'platform_error', error: 'cannot_dm_bot' }, 'cannot_dm_bot'],
    ['files.getUploadURLExternal', { kind: 'platform_error', error: 'file_uploads_disabled' }, 'file_uploads_disabled'],
    ['files.getUploadURLExternal', { kind: 'rate_limited', retryAfter: 3 }, 'rate_limited'],
    ['files.completeUploadExternal', { kind: 'error_before' }, 'http_500'],
    ['files.completeUploadExternal', { kind: 'reset' }, 'TypeError'],
  ])('that Slack does not take at %s is not sent, and says why', async (method, fault, error) => {
    const slack = await slackWith();
    slack.fault(method, fault);
    expect(await send(slack)).toEqual({ kind: 'not_sent', error });
    expect(inDm(slack)).toEqual([]);
  });

  test('is not sent by an app that was installed without the scope', async () => {
    const slack = await slackWith(['chat:write', 'im:write']);
    expect(await send(slack)).toEqual({ kind: 'not_sent', error: 'missing_scope' });
  });

  test.each([
    ['is refused', 500, 'http_500'],
    ['leads elsewhere', 302, 'TypeError'],
  ])('whose upload %s is not sent', async (_what, status, error) => {
    const slack = await slackWith();
    const elsewhere = createServer((_request, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(),
    );
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    onTestFinished(() => void elsewhere.close());
    const url = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    const { patient } = slackClients(workspace.botToken, slack.apiUrl);
    patient.files.getUploadURLExternal = async () => ({ ok: true, upload_url: url, file_id: 'F1' });
    expect(await sendFile(patient, cast.anna.id, file)).toEqual({ kind: 'not_sent', error });
    expect(inDm(slack)).toEqual([]);
  });
});

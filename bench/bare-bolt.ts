import { App, HTTPReceiver } from '@slack/bolt';
import { BOT_TOKEN, SIGNING_SECRET } from './load.ts';

/** A Bolt app that does nothing but acknowledge a command and open a form that is ready: what Bolt itself costs. */
const { SLACK_API_URL = '', VIEW = '{}' } = process.env;
const view = JSON.parse(VIEW);
const receiver = new HTTPReceiver({ signingSecret: SIGNING_SECRET, endpoints: '/slack/events' });
const app = new App({ receiver, token: BOT_TOKEN, clientOptions: { slackApiUrl: SLACK_API_URL } });
app.command('/breakglass', async ({ ack, command, client }) => {
  await ack();
  await client.views.open({ trigger_id: command.trigger_id, view });
});
const server = await receiver.start(0);
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
process.on('SIGTERM', () => process.exit(0));
process.stdout.write(`${JSON.stringify({ msg: 'ready', slack_port: port, api_port: 0 })}\n`);

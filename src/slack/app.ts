import { createServer, type Server } from 'node:http';
import {
  App,
  type BlockAction,
  type ButtonAction,
  HTTPReceiver,
  type Receiver,
  SocketModeReceiver,
  type ViewSubmitAction,
} from '@slack/bolt';
import { kinds } from '../domain/words.ts';
import { asOneWork } from '../log.ts';
import { silentLogger } from './clients.ts';
import type { Door } from './door.ts';
import type { ButtonArgs, SubmissionArgs } from './flows/asking.ts';
import { clickEnd, clickRevoke, clickWithdraw, submitRevoke } from './flows/close.ts';
import { onCommand } from './flows/command.ts';
import { clickApprove, clickApproveShorter, clickDeny, submitApproveShorter, submitDeny } from './flows/decide.ts';
import { onGroupChange, onUserChange } from './flows/people-changed.ts';
import { submitRequest, suggestTenants } from './flows/request.ts';
import { buttons, commands, fields, modals } from './ids.ts';
import { futureDated } from './receiver.ts';
import { callbackOf } from './views/request-form.ts';

export type Connection =
  | { mode: 'http'; signingSecret: string; port: number; host: string }
  | { mode: 'socket'; appToken: string };

/** The front door, listening. */
export interface SlackApp {
  /** The port of HTTP mode; null in Socket Mode. */
  port: number | null;
  /** Takes nothing new and waits for what is being done, up to a deadline (ms). Says whether everything got done. */
  stop(deadlineMs: number): Promise<boolean>;
  /** Waits until nothing from Slack is being worked on, up to a deadline (ms). */
  idle(deadlineMs: number): Promise<boolean>;
}

/** Everything the bot listens to, on one screen. */
function listeners(app: App, door: Door): void {
  const submission = (id: string, submit: (door: Door, args: SubmissionArgs) => Promise<void>): void => {
    app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: id }, (args) => submit(door, args));
  };
  for (const kind of kinds) {
    app.command(commands[kind], (args) => onCommand(door, kind, args));
    submission(callbackOf[kind], (opened, args) => submitRequest(opened, kind, args));
  }
  app.event('user_change', async ({ event }) => onUserChange(door, event));
  app.event('subteam_members_changed', async ({ event }) => onGroupChange(door, event));
  app.event('subteam_updated', async ({ event }) => onGroupChange(door, event));

  app.options<'block_suggestion'>({ type: 'block_suggestion', action_id: fields.tenant }, (args) =>
    suggestTenants(door, args),
  );

  const button = (id: string, click: (door: Door, args: ButtonArgs) => Promise<void>): void => {
    app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: id }, async (args) => {
      await args.ack();
      await click(door, args);
    });
  };
  button(buttons.approve, clickApprove);
  button(buttons.approveShorter, clickApproveShorter);
  button(buttons.deny, clickDeny);
  button(buttons.withdraw, clickWithdraw);
  button(buttons.end, clickEnd);
  button(buttons.revoke, clickRevoke);

  submission(modals.approveShorter, submitApproveShorter);
  submission(modals.denyReason, submitDeny);
  submission(modals.revokeReason, submitRevoke);
}

/** Opens the front door: Slack's payloads, verified by Bolt, over HTTP or a socket. */
export async function startSlackApp(
  door: Door,
  token: string,
  apiUrl: string | null,
  connection: Connection,
): Promise<SlackApp> {
  const busy = inFlight();
  const receiver = receiverFor(connection, apiUrl);
  const app = new App({
    receiver: receiver.bolt,
    authorize: async () => ({ botToken: token }),
    ignoreSelf: false,
    attachFunctionToken: false,
    logger: silentLogger,
    ...(apiUrl ? { clientOptions: { slackApiUrl: apiUrl } } : {}),
  });
  app.use(async ({ context, next }) => {
    await busy.during(() =>
      asOneWork(async (requestId) => {
        context.requestId = requestId;
        await next();
      }),
    );
  });
  // Whatever is none of ours is answered at once, and nothing is done: Bolt would keep it waiting for three seconds.
  const handle = app.processEvent.bind(app);
  app.processEvent = async (event) => {
    if (isOurs(event.body)) return handle(event);
    door.log.debug('a payload that no listener knows was acknowledged and dropped');
    await event.ack();
  };
  listeners(app, door);
  app.error(async (error) => {
    door.log.error({ err: error }, 'a payload from Slack could not be handled');
  });
  const port = await receiver.start();
  return {
    port,
    idle: busy.idle,
    stop: async (deadlineMs) => {
      await receiver.stop();
      return busy.idle(deadlineMs);
    },
  };
}

const known = {
  commands: new Set<unknown>(Object.values(commands)),
  modals: new Set<unknown>(Object.values(modals)),
  buttons: new Set<unknown>(Object.values(buttons)),
};

/** Is there a listener for this? The body is Slack's word, signed; its shape is still looked at with suspicion. */
function isOurs(body: object): boolean {
  const at = (value: unknown, ...path: (string | number)[]): unknown =>
    path.reduce<unknown>(
      (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
      value,
    );
  if (at(body, 'command') !== undefined) return known.commands.has(at(body, 'command'));
  switch (at(body, 'type')) {
    case 'event_callback':
      return true;
    case 'view_submission':
      return known.modals.has(at(body, 'view', 'callback_id'));
    case 'block_actions':
      return known.buttons.has(at(body, 'actions', 0, 'action_id'));
    case 'block_suggestion':
      return at(body, 'action_id') === fields.tenant;
    default:
      return false;
  }
}

/** Counts what is being done: Bolt stops listening without waiting for it. */
function inFlight() {
  let running = 0;
  let onIdle: (() => void) | undefined;
  return {
    during: async (work: () => Promise<void>): Promise<void> => {
      running += 1;
      try {
        await work();
      } finally {
        running -= 1;
        if (running === 0) onIdle?.();
      }
    },
    idle: async (deadlineMs: number): Promise<boolean> => {
      if (running === 0) return true;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<false>((resolve) => {
        timer = setTimeout(() => resolve(false), deadlineMs);
      });
      const done = new Promise<true>((resolve) => {
        onIdle = () => resolve(true);
      });
      const result = await Promise.race([done, deadline]);
      clearTimeout(timer);
      return result;
    },
  };
}

interface StartedReceiver {
  bolt: Receiver;
  start(): Promise<number | null>;
  stop(): Promise<void>;
}

function receiverFor(connection: Connection, apiUrl: string | null): StartedReceiver {
  if (connection.mode === 'socket') {
    const receiver = new SocketModeReceiver({
      appToken: connection.appToken,
      logger: silentLogger,
      ...(apiUrl ? { installerOptions: { clientOptions: { slackApiUrl: apiUrl } } } : {}),
    });
    return { bolt: receiver, start: () => receiver.start().then(() => null), stop: () => receiver.stop() };
  }
  const receiver = new HTTPReceiver({
    signingSecret: connection.signingSecret,
    endpoints: '/slack/events',
    logger: silentLogger,
    bodyLimit: 1024 * 1024,
    dispatchErrorHandler: ({ response }) => {
      response.writeHead(404).end();
    },
    // A payload of a shape that Bolt itself stumbles over is the sender's mistake, not an outage of ours.
    processEventErrorHandler: async ({ response }) => {
      if (!response.headersSent) response.writeHead(400).end();
      return false;
    },
  });
  let server: Server | undefined;
  return {
    bolt: receiver,
    start: () =>
      new Promise((resolve, reject) => {
        server = createServer((request, response) => {
          if (futureDated(request.headers)) {
            response.writeHead(401).end();
            return;
          }
          try {
            receiver.requestListener(request, response);
          } catch {
            response.writeHead(404).end();
          }
        });
        server.once('error', reject);
        server.listen(connection.port, connection.host, () => {
          const address = server?.address();
          resolve(typeof address === 'object' && address ? address.port : null);
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server?.close(() => resolve());
        server?.closeIdleConnections();
      }),
  };
}

import { App, type BlockAction, type ButtonAction, type ViewSubmitAction } from '@slack/bolt';
import { kinds } from '../domain/words.ts';
import { asOneWork } from '../log.ts';
import { silentLogger } from './clients.ts';
import type { Door } from './door.ts';
import type { ButtonArgs, SubmissionArgs } from './flows/asking.ts';
import { clickAttach, submitAttach } from './flows/attach.ts';
import { clickAuditCsv, clickAuditFilter, clickAuditOlder, submitAuditFilter } from './flows/audit.ts';
import { clickEnd, clickRevoke, clickWithdraw, submitRevoke } from './flows/close.ts';
import { onCommand } from './flows/command.ts';
import { clickApprove, clickApproveShorter, clickDeny, submitApproveShorter, submitDeny } from './flows/decide.ts';
import { clickEvidence } from './flows/evidence.ts';
import { clickLinkConfirm, clickLinkRefuse, openedSignIn } from './flows/link.ts';
import { onGroupChange, onUserChange } from './flows/people-changed.ts';
import { submitRequest, suggestTenants } from './flows/request.ts';
import { clickExcuse, clickReview, submitExcuse, submitReview } from './flows/review.ts';
import { buttons, commands, fields, modals } from './ids.ts';
import { inFlight } from './in-flight.ts';
import { type Connection, receiverFor } from './receiver.ts';
import { callbackOf } from './views/request-form.ts';

/** The front door, listening. */
export interface SlackApp {
  /** The port of HTTP mode; null in Socket Mode. */
  port: number | null;
  /**
   * Goes on as long as payloads come, until none has come for a while (ms): a load balancer that looks elsewhere by now
   * sends none, and whoever is connected is asked to leave. Then takes nothing new and waits for what is being done, up
   * to a deadline (ms). Says whether everything got done.
   */
  stop(quietMs: number, deadlineMs: number): Promise<boolean>;
  /** Waits until nothing from Slack is being worked on, up to a deadline (ms). */
  idle(deadlineMs: number): Promise<boolean>;
}

type Submit = (door: Door, args: SubmissionArgs) => Promise<void>;
type Click = (door: Door, args: ButtonArgs) => Promise<void>;

const onSubmit: Readonly<Record<string, Submit>> = {
  ...Object.fromEntries(
    kinds.map((kind): [string, Submit] => [callbackOf[kind], (door, args) => submitRequest(door, kind, args)]),
  ),
  [modals.approveShorter]: submitApproveShorter,
  [modals.denyReason]: submitDeny,
  [modals.revokeReason]: submitRevoke,
  [modals.reviewSession]: submitReview,
  [modals.excuseReview]: submitExcuse,
  [modals.attachEvidence]: submitAttach,
  [modals.auditFilter]: submitAuditFilter,
};
const onClick: Readonly<Record<string, Click>> = {
  [buttons.approve]: clickApprove,
  [buttons.approveShorter]: clickApproveShorter,
  [buttons.deny]: clickDeny,
  [buttons.withdraw]: clickWithdraw,
  [buttons.end]: clickEnd,
  [buttons.revoke]: clickRevoke,
  [buttons.auditOlder]: clickAuditOlder,
  [buttons.auditFilter]: clickAuditFilter,
  [buttons.auditCsv]: clickAuditCsv,
  [buttons.review]: clickReview,
  [buttons.excuse]: clickExcuse,
  [buttons.attach]: clickAttach,
  [buttons.evidence]: clickEvidence,
  [buttons.linkConfirm]: clickLinkConfirm,
  [buttons.linkRefuse]: clickLinkRefuse,
  [buttons.openSignIn]: openedSignIn,
};

/**
 * Everything the bot listens to, on one screen. One listener of Bolt's for each sort of payload: it asks all of them about
 * every payload, which a form that should open at once would wait for.
 */
function listeners(app: App, door: Door): void {
  for (const kind of kinds) app.command(commands[kind], (args) => onCommand(door, kind, args));
  app.view<ViewSubmitAction>({ type: 'view_submission', callback_id: anyOf(onSubmit) }, async (args) => {
    await onSubmit[args.view.callback_id]?.(door, args);
  });
  app.action<BlockAction<ButtonAction>>({ type: 'block_actions', action_id: anyOf(onClick) }, async (args) => {
    await args.ack();
    await onClick[args.action.action_id]?.(door, args);
  });
  app.options<'block_suggestion'>({ type: 'block_suggestion', action_id: fields.tenant }, (args) =>
    suggestTenants(door, args),
  );
  app.event('user_change', async ({ event }) => onUserChange(door, event));
  app.event('subteam_members_changed', async ({ event }) => onGroupChange(door, event));
  app.event('subteam_updated', async ({ event }) => onGroupChange(door, event));
  app.event('channel_shared', () => door.channelShared());
}

/** Our ids are words of letters and underscores: nothing in them means more to a pattern. */
const anyOf = (listening: Readonly<Record<string, unknown>>): RegExp =>
  new RegExp(`^(${Object.keys(listening).join('|')})$`);

/** Whoever still sends payloads after this long does not look whether we are ready (ms). */
const LEAVE_AFTER_MS = 5_000;
/** When all is answered, who is still connected sends half a request and waits (ms). */
const GO_WITHIN_MS = 1_000;

/** Opens the front door: Slack's payloads, over HTTP or a socket. */
export async function startSlackApp(
  door: Door,
  token: string,
  apiUrl: string | null,
  connection: Connection,
): Promise<SlackApp> {
  const busy = inFlight();
  const receiver = receiverFor(connection, apiUrl, (error) => {
    if (error === null) door.log.warn('Slack does not answer; everything else is up, and the connection is tried on');
    else door.log.error({ err: error }, 'Slack does not let this app connect; nothing comes from there');
  });
  const app = new App({
    receiver: receiver.bolt,
    authorize: async () => ({ botToken: token }),
    ignoreSelf: false,
    convoStore: false, // nothing is remembered of a conversation but what the database has
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
    idle: (deadlineMs) => busy.quiet(0, deadlineMs),
    stop: async (quietMs, deadlineMs) => {
      receiver.leave();
      await busy.quiet(quietMs, LEAVE_AFTER_MS);
      const gone = receiver.stop();
      await busy.quiet(0, deadlineMs);
      const impatient = setTimeout(receiver.cut, GO_WITHIN_MS);
      await gone;
      clearTimeout(impatient);
      // What was still being read when the port closed is being done only now.
      return busy.quiet(0, deadlineMs);
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

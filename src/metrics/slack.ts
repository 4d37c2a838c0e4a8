import { asWord } from '../domain/words.ts';
import { counter, type Figures, histogram } from './figures.ts';

/** What the bot asks of Slack. */
export const slackMethods = [
  'auth.test',
  'chat.getPermalink',
  'chat.postMessage',
  'chat.update',
  'conversations.info',
  'conversations.open',
  'files.completeUploadExternal',
  'files.getUploadURLExternal',
  'usergroups.list',
  'users.info',
  'views.open',
  'views.update',
] as const;

/** Slack's own words for what went wrong, as far as they lead to something somebody can do. */
const refusals = [
  'access_denied',
  'accesslimited',
  'account_inactive',
  'cant_update_message',
  'channel_not_found',
  'ekm_access_denied',
  'expired_trigger_id',
  'fatal_error',
  'hash_conflict',
  'internal_error',
  'invalid_arguments',
  'invalid_auth',
  'invalid_blocks',
  'invalid_trigger_id',
  'is_archived',
  'message_not_found',
  'messages_tab_disabled',
  'missing_scope',
  'msg_too_long',
  'not_authed',
  'not_found',
  'not_in_channel',
  'org_login_required',
  'ratelimited',
  'request_timeout',
  'restricted_action',
  'service_unavailable',
  'team_access_not_granted',
  'team_added_to_org',
  'token_expired',
  'token_revoked',
  'user_not_found',
] as const;

/** `ok`; Slack's 429; an answer that is not Slack's (a status alone); none at all; a refusal by its word. */
const codes = ['ok', 'rate_limited', 'http_error', 'no_answer', ...refusals, 'other'] as const;

/** Seconds. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10];

/** How a call ended: null where Slack did what was asked. */
export type SlackEnd = { kind: string; error: string } | null;

/** Counts Slack's answers. Called when a call begins; what it gives back, when that is over. */
export function countSlack(figures: Figures): (method: string) => (end: SlackEnd) => void {
  const methods = [...slackMethods, 'other'] as const;
  const calls = counter(figures, 'breakglass_slack_calls_total', "Calls of Slack's Web API by Slack's answer.", {
    method: methods,
    code: codes,
  });
  const duration = histogram(
    figures,
    'breakglass_slack_call_duration_seconds',
    "How long Slack's answers took, or the wait for one that did not come.",
    { method: methods },
    BUCKETS,
  );
  return (called) => {
    const method = asWord(methods, called) ?? 'other';
    const stop = duration.startTimer({ method });
    return (end) => {
      stop();
      calls.inc({ method, code: codeOf(end) });
    };
  };
}

function codeOf(end: SlackEnd): (typeof codes)[number] {
  if (end === null) return 'ok';
  if (end.kind === 'rate_limited') return 'rate_limited';
  if (end.kind === 'unreachable') return end.error.startsWith('http_') ? 'http_error' : 'no_answer';
  return asWord(refusals, end.error.split(' ')[0]) ?? 'other';
}

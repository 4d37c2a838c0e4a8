import { slackClients, slackFailure } from '../../slack/clients.ts';
import type { SlackAccess } from '../slack-answers.ts';
import { type Finding, ok, problem, unknown, warning } from './finding.ts';

/** What the bot asks Slack for (manifest.yml, `oauth_config`). */
export const neededScopes: readonly string[] = [
  'commands',
  'chat:write',
  'users:read',
  'usergroups:read',
  'channels:read',
  'groups:read',
  'im:write',
  'files:write',
];

/** Whether Slack answers, takes the token, and gave it what the bot needs. */
export async function lookAtSlack(access: SlackAccess | null, team: string | null): Promise<Finding[]> {
  const what = 'slack';
  if (access === null) return [unknown(what, 'SLACK_BOT_TOKEN is not set')];
  try {
    const answer = await slackClients(access.botToken, access.apiUrl).patient.auth.test();
    const scopes = answer.response_metadata?.scopes;
    return [
      team === null || answer.team_id === team
        ? ok(what, `answers, and takes the token (team ${answer.team_id ?? 'unknown'})`)
        : problem(
            what,
            `the token is of the team ${answer.team_id}, and slack.team is ${team}`,
            'Use the token of that team, or set slack.team right.',
          ),
      scopes === undefined ? unknown('slack scopes', 'Slack did not say which the token has') : scopesFinding(scopes),
    ];
  } catch (error) {
    const failure = slackFailure(error);
    if (failure.kind === 'refused') {
      return [
        problem(what, `Slack refuses the token: ${failure.error}`, 'Install the app again and set SLACK_BOT_TOKEN.'),
      ];
    }
    return [
      problem(
        what,
        `Slack does not answer (${failure.error})`,
        'Until it does, use the API: docs/command-line.md. Notices wait and arrive later.',
      ),
    ];
  }
}

function scopesFinding(scopes: readonly string[]): Finding {
  const what = 'slack scopes';
  const missing = neededScopes.filter((each) => !scopes.includes(each));
  const idle = scopes.filter((each) => !neededScopes.includes(each));
  if (missing.length > 0) {
    return problem(what, `missing: ${missing.join(', ')}`, 'Compare the app with manifest.yml and install it again.');
  }
  if (idle.length > 0)
    return warning(what, `more than is needed: ${idle.join(', ')}`, 'Take them away, as in manifest.yml.');
  return ok(what, 'all that are needed, and no more');
}

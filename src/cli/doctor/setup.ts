import type { Settings } from '../../config/settings.ts';
import { readEnvironment, type readOfflineEnvironment, readSettings } from '../../config.ts';
import { lint } from '../lint.ts';
import { type Finding, mistakes, ok, unknown, warning } from './finding.ts';

type Offline = ReturnType<typeof readOfflineEnvironment>;

/** The bot's variables: which are missing or wrong, and how Slack's payloads come in. */
export function lookAtEnvironment(): Finding[] {
  const what = 'environment';
  try {
    const { slack, sealing } = readEnvironment();
    return [
      ok(
        what,
        slack.mode === 'http' ? 'complete; Slack comes in over HTTP' : 'complete; Slack comes in by Socket Mode',
      ),
      ...(sealing === null
        ? [
            warning(
              'AUDIT_SIGNING_KEY',
              'not set: the audit trail is kept, and not sealed',
              'Make one: breakglass seal new-key NAME',
            ),
          ]
        : []),
    ];
  } catch (error) {
    const found = mistakes(what, error);
    if (found === null) throw error;
    return found;
  }
}

/** The file; null where it can't be read. */
export function readFile({ configFile }: Offline): { settings: Settings | null; findings: Finding[] } {
  try {
    return { settings: readSettings(configFile), findings: [] };
  } catch (error) {
    const found = mistakes('configuration', error);
    if (found === null) throw error;
    return { settings: null, findings: found };
  }
}

/** What the file says and Slack knows of it: too few people for a leg, groups, channels, archived or without the bot. */
export async function lookAtConfiguration(settings: Settings, { slack, configFile }: Offline): Promise<Finding[]> {
  const what = 'configuration';
  const warnings = await lint(settings, slack);
  const asked =
    slack === null
      ? [unknown(what, 'Slack was not asked of people, groups and channels: SLACK_BOT_TOKEN is not set')]
      : [];
  if (warnings.length === 0)
    return [
      ok(
        what,
        `${configFile} is right${slack ? '; every leg has two people who can be reached, and the bot is in every channel' : ''}`,
      ),
      ...asked,
    ];
  return [...warnings.map((each) => warning(what, each, todoFor(each))), ...asked];
}

function todoFor(line: string): string {
  if (line.startsWith('channel ')) {
    return line.includes('archived')
      ? 'Unarchive it, or name another channel.'
      : 'In Slack: /invite @Breakglass there; or name another channel.';
  }
  if (line.startsWith('Slack could not be asked')) return 'See "slack" in this list.';
  if (line.startsWith('roles.') || line.includes('.owners'))
    return 'Name more people in the file, then: breakglass config reload';
  return 'Look at the file, then: breakglass config reload';
}

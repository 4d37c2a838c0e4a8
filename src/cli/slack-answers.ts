import type { Settings } from '../config/settings.ts';
import { staffRoles } from '../domain/words.ts';
import { slackClients, slackFailure } from '../slack/clients.ts';
import { slackDirectory } from '../slack/directory.ts';

export interface SlackAccess {
  botToken: string;
  apiUrl: string | null;
}

/** What Slack says of the people, groups and channels that the file names. */
export interface SlackAnswers {
  /** Members by group, as accounts. */
  groups: ReadonlyMap<string, readonly string[]>;
  /** People named who could not act: gone, guests, bots, or unknown to Slack. */
  unreachable: ReadonlySet<string>;
  warnings: readonly string[];
}

export async function askSlack({ botToken, apiUrl }: SlackAccess, settings: Settings): Promise<SlackAnswers> {
  const { patient } = slackClients(botToken, apiUrl);
  const warnings: string[] = [];
  const groups = new Map<string, string[]>();
  for (const group of new Set(staffRoles.flatMap((role) => settings.roles[role].groups))) {
    try {
      const { users = [] } = await patient.usergroups.users.list({ usergroup: group });
      groups.set(
        group,
        users.map((user) => `${settings.team}:${user}`),
      );
    } catch (error) {
      warnings.push(`user group ${group}: Slack says ${slackFailure(error).error}`);
    }
  }
  const directory = slackDirectory(
    patient,
    () => settings,
    () => performance.now(),
  );
  const unreachable = new Set<string>();
  const named = [
    ...staffRoles.flatMap((role) => settings.roles[role].people),
    ...settings.tenants.flatMap(({ owners }) => owners.map(({ account }) => account)),
  ];
  const foreign = new Set(settings.tenants.flatMap(({ owners }) => owners.map(({ account }) => account)));
  for (const account of new Set(named)) {
    const { standing, account: found } = await directory.lookUp(account.split(':').at(-1) ?? '');
    const fine = standing === 'member' || (foreign.has(account) && (standing === 'foreign' || standing === 'guest'));
    if (fine && found === account) continue;
    unreachable.add(account);
    warnings.push(
      `${account}: ${found === account ? `could not act (${standing})` : `Slack knows this user as ${found}`}`,
    );
  }
  return { groups, unreachable, warnings: [...warnings, ...(await channelWarnings(patient, settings))] };
}

async function channelWarnings(
  client: ReturnType<typeof slackClients>['patient'],
  settings: Settings,
): Promise<string[]> {
  const shared = new Set(
    settings.tenants.flatMap(({ channel, shared: allowed }) => (allowed && channel ? [channel] : [])),
  );
  const all = [
    settings.channels.security,
    settings.channels.ops,
    ...settings.tenants.flatMap(({ channel }) => channel ?? []),
  ];
  const warnings: string[] = [];
  for (const channel of new Set(all)) {
    try {
      const { channel: found } = await client.conversations.info({ channel });
      if (found?.is_archived) warnings.push(`channel ${channel}: it is archived`);
      else if (found?.is_member === false) warnings.push(`channel ${channel}: the bot is not in it; invite it`);
      if ((found?.is_ext_shared || found?.is_pending_ext_shared || found?.is_org_shared) && !shared.has(channel)) {
        warnings.push(`channel ${channel}: another company reads it, so no request is posted there`);
      }
    } catch (error) {
      warnings.push(`channel ${channel}: Slack says ${slackFailure(error).error}`);
    }
  }
  return warnings;
}

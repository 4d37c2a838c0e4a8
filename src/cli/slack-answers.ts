import type { Settings } from '../config/settings.ts';
import { staffRoles } from '../domain/words.ts';
import { slackClients, slackFailure } from '../slack/clients.ts';
import { type Known, slackDirectory } from '../slack/directory.ts';

type Client = ReturnType<typeof slackClients>['patient'];

export interface SlackAccess {
  botToken: string;
  apiUrl: string | null;
}

/** What Slack says of the people and groups that the file names. */
export interface SlackAnswers {
  /** Members by group, as accounts; null where Slack did not say. */
  groups: ReadonlyMap<string, readonly string[]> | null;
  /** Everybody named, by the account in the file. Who is only in a group is not looked up. */
  people: ReadonlyMap<string, Known>;
}

/** Answers are null where Slack was not asked or did not answer at all; then a warning says so. */
export async function askSlack(
  access: SlackAccess | null,
  settings: Settings,
): Promise<{ answers: SlackAnswers | null; warnings: string[] }> {
  if (!access) return { answers: null, warnings: [] };
  const { patient } = slackClients(access.botToken, access.apiUrl);
  try {
    await patient.auth.test();
  } catch (error) {
    return { answers: null, warnings: [`Slack could not be asked: ${why(error)}`] };
  }
  const { groups, warnings } = await askForGroups(patient, settings);
  const people = await askForPeople(patient, settings);
  const answers = { groups, people };
  return {
    answers,
    warnings: [...warnings, ...peopleWarnings(settings, answers), ...(await channelWarnings(patient, settings))],
  };
}

/** Whether somebody named could act: as staff, or as an owner, who may be from elsewhere and, where allowed, a guest. */
export function couldAct(answers: SlackAnswers | null, account: string, owner?: { guestAllowed: boolean }): boolean {
  const known = answers?.people.get(account);
  if (known === undefined) return true;
  if (known.account !== account) return false;
  if (known.standing === 'guest') return owner?.guestAllowed ?? false;
  return known.standing === 'member' || (known.standing === 'foreign' && owner !== undefined);
}

function why(error: unknown): string {
  const failure = slackFailure(error);
  return failure.kind === 'unreachable' ? `no answer (${failure.error})` : failure.error;
}

/** As the bot reads them: a group that is disabled or another company's gives nobody anything. */
async function askForGroups(client: Client, settings: Settings) {
  const named = [...new Set(staffRoles.flatMap((role) => settings.roles[role].groups))];
  if (named.length === 0) return { groups: new Map<string, string[]>(), warnings: [] };
  try {
    const { usergroups = [] } = await client.usergroups.list({ include_users: true, include_disabled: false });
    const usable = usergroups.filter(({ is_external, date_delete }) => !is_external && !date_delete);
    const groups = new Map(
      usable.map(({ id = '', users = [] }) => [id, users.map((user) => `${settings.team}:${user}`)]),
    );
    const unknown = named.filter((id) => !groups.has(id));
    return {
      groups,
      warnings: unknown.map((id) => `user group ${id}: unknown to Slack, or disabled, or another company's`),
    };
  } catch (error) {
    return { groups: null, warnings: [`user groups ${named.join(', ')}: ${why(error)}`] };
  }
}

async function askForPeople(client: Client, settings: Settings): Promise<Map<string, Known>> {
  const withoutGroups = staffRoles.map((role) => [role, { people: [], groups: [] }]);
  const roster = { team: settings.team, roles: Object.fromEntries(withoutGroups) as Settings['roles'] };
  const directory = slackDirectory(
    client,
    () => roster,
    () => performance.now(),
  );
  const people = new Map<string, Known>();
  for (const account of new Set([...staffAccounts(settings), ...owners(settings).map((owner) => owner.account)])) {
    people.set(account, await directory.lookUp(account.split(':').at(-1) ?? ''));
  }
  return people;
}

const staffAccounts = (settings: Settings) => staffRoles.flatMap((role) => settings.roles[role].people);
const owners = (settings: Settings) => settings.tenants.flatMap((tenant) => tenant.owners);

function peopleWarnings(settings: Settings, answers: SlackAnswers): string[] {
  const unfit = [
    ...staffAccounts(settings).filter((account) => !couldAct(answers, account)),
    ...owners(settings).flatMap((owner) => (couldAct(answers, owner.account, owner) ? [] : owner.account)),
  ];
  return [...new Set(unfit)].map((account) => {
    const known = answers.people.get(account);
    if (known?.standing === 'unknown') return `${account}: Slack did not say who this is`;
    return `${account}: ${known?.account === account ? `could not act (${known.standing})` : `Slack knows this user as ${known?.account}`}`;
  });
}

async function channelWarnings(client: Client, settings: Settings): Promise<string[]> {
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
      warnings.push(`channel ${channel}: ${why(error)}`);
    }
  }
  return warnings;
}

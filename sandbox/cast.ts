import type { LocalSlack } from './slack/index.ts';

/** The bot's side of the sandbox's workspace; nothing here is secret. */
export const workspace = {
  team: { id: 'T0HOME', domain: 'home', name: 'Home' },
  botUserId: 'U0BREAKGLASS',
  appId: 'A0BREAKGLASS',
  botToken: 'xoxb-sandbox',
  appToken: 'xapp-sandbox',
  signingSecret: 'sandbox-signing-secret',
  // What manifest.yml asks for; a method beyond it fails here as it would at Slack.
  scopes: [
    'commands',
    'chat:write',
    'users:read',
    'usergroups:read',
    'channels:read',
    'groups:read',
    'im:write',
    'files:write',
  ],
} as const;

interface Member {
  id: string;
  name: string;
  is: string;
  flags?: { team_id?: string; is_restricted?: boolean; is_stranger?: boolean };
}

/** Who plays. Two operators, two of ops, two of security, an auditor, owners of two tenants, and three who may nothing. */
export const cast = {
  olivia: { id: 'U0OLIVIA', name: 'Olivia', is: 'operator' },
  omar: { id: 'U0OMAR', name: 'Omar', is: 'operator' },
  petra: { id: 'U0PETRA', name: 'Petra', is: 'ops' },
  paul: { id: 'U0PAUL', name: 'Paul', is: 'ops, through the group @ops' },
  sam: { id: 'U0SAM', name: 'Sam', is: 'security' },
  sofia: { id: 'U0SOFIA', name: 'Sofia', is: 'security' },
  ada: { id: 'U0ADA', name: 'Ada', is: 'auditor' },
  anna: { id: 'U0ANNA', name: 'Anna', is: 'owner of Acme' },
  ben: { id: 'U0BEN', name: 'Ben', is: 'owner of Acme, from the company itself', flags: { team_id: 'T0ACME' } },
  gina: { id: 'U0GINA', name: 'Gina', is: 'owner of Globex' },
  gus: { id: 'U0GUS', name: 'Gus', is: 'owner of Globex' },
  otis: { id: 'U0OTIS', name: 'Otis', is: 'outsider: a colleague with no role' },
  gwen: { id: 'U0GWEN', name: 'Gwen', is: 'guest', flags: { is_restricted: true } },
  stan: {
    id: 'U0STAN',
    name: 'Stan',
    is: 'stranger from another company',
    flags: { team_id: 'T0OTHER', is_stranger: true },
  },
} satisfies Record<string, Member>;

export type Player = keyof typeof cast;

/** How the audit names somebody, and services do who ask about them. */
export function accountOf(player: Player): string {
  const { id, flags }: Member = cast[player];
  return `slack:${flags?.team_id ?? workspace.team.id}:${id}`;
}

const players = Object.keys(cast) as Player[];

/** Who did something, as the audit names them: by their name where they play here. */
export function nameOfActor(actor: string): string {
  const player = players.find((each) => accountOf(each) === actor);
  return player ? cast[player].name : actor.replace(/^system:/, 'the ');
}

/** What the sandbox's identity provider calls them. */
export const accounts = players.map((sub) => ({ sub, name: cast[sub].name, is: cast[sub].is }));

const everybody = Object.values(cast).map(({ id }) => id);
const ids = (...players: Player[]) => players.map((player) => cast[player].id);

export const channels = {
  general: { id: 'C0GENERAL', name: 'general', members: everybody },
  security: { id: 'C0SECURITY', name: 'access-security', members: ids('sam', 'sofia', 'ada', 'otis') },
  ops: { id: 'C0OPS', name: 'access-ops', members: ids('petra', 'paul', 'ada', 'gwen') },
  // The owners' own company is connected here, which the configuration allows for this channel only.
  acme: { id: 'C0ACME', name: 'acme-owners', members: ids('anna', 'ben', 'otis', 'gwen', 'stan'), is_ext_shared: true },
  globex: { id: 'C0GLOBEX', name: 'globex-owners', members: ids('gina', 'gus') },
} as const;

/** Where a message goes, as people say it: a channel with its mark, or somebody's name. */
export function nameOfPlace(id: string): string {
  const channel = Object.values(channels).find((each) => each.id === id);
  const member = Object.values(cast).find((each) => each.id === id);
  return channel ? `#${channel.name}` : (member?.name ?? id);
}

export const configuration = `# The sandbox's configuration. breakglass.example.yml explains every key.
slack: { team: T0HOME }
channels: { security: C0SECURITY, ops: C0OPS }
tickets: { pattern: '^[A-Z]+-\\d+$', link: 'https://tickets.example.com/{ticket}' }
roles:
  operator: { people: [U0OLIVIA, U0OMAR] }
  ops: { people: [U0PETRA], groups: [S0OPS] }
  security: { people: [U0SAM, U0SOFIA] }
  auditor: { people: [U0ADA] }
tenants:
  - { key: acme, name: Acme Corp, channel: C0ACME, owners: [U0ANNA, 'T0ACME:U0BEN'], shared: true }
  - { key: globex, name: Globex, channel: C0GLOBEX, owners: [U0GINA, U0GUS] }
  - { key: initech, name: Initech }
schedules: { digest: { cron: '0 8 * * *', timezone: UTC } }
`;

/** What it says beside that where people can sign in: who is linked already, and what wants a fresh sign-in. */
export const withSignIns = (yaml: string, issuer: string): string => `${yaml}scopes:
  create_platform_owner: { step_up: { max_age_seconds: 300 } }
identities:
  U0PETRA: { issuer: '${issuer}', subject: petra }
  U0SAM: { issuer: '${issuer}', subject: sam }
`;

/** Moves everybody in. */
export function populate(slack: LocalSlack): void {
  for (const member of Object.values<Member>(cast)) {
    slack.addUser({ id: member.id, name: member.name.toLowerCase(), real_name: member.name, ...member.flags });
  }
  for (const { members, ...channel } of Object.values(channels))
    slack.addChannel({ ...channel, members: [...members] });
  slack.addGroup({ id: 'S0OPS', handle: 'ops', name: 'Ops', users: ids('paul') });
}

import { cast, channels } from './cast.ts';
import type { Stack } from './stack.ts';

type Print = (line: string) => void;

/** Says what runs, where it is, who is there, and how to begin. */
export function introduce(stack: Stack, page: string, prompt: boolean, print: Print): void {
  const { slack, bots, slackUrl, adminUrl } = stack;
  const nameOf = new Map(Object.values(cast).map(({ id, name }) => [id, name]));
  print(`
The sandbox is running, on this machine only.

  page             ${page}
  bot, for Slack   ${slackUrl}${bots.length > 1 ? `, in turn to ${bots.length} replicas` : ''}
  bot, its API     ${bots.map(({ apiUrl }) => apiUrl).join('\n                   ')}
  local Slack      ${slack.apiUrl}
  database         ${adminUrl}

Who is there
`);
  for (const { id, name, is } of Object.values(cast)) print(`  ${name.padEnd(8)}${id.padEnd(10)}${is}`);
  print('\nWhere\n');
  for (const { name, members } of Object.values(channels))
    print(`  #${name.padEnd(16)}${members.length > 8 ? 'everybody' : members.map((id) => nameOf.get(id)).join(', ')}`);
  introduceService(stack, print);
  introduceSeal(stack, print);
  introduceSignIns(stack, print);
  print(`
The tour plays and checks every journey: npm run sandbox -- --tour

Open ${page} in a browser. ${prompt ? 'Or act as anybody at this prompt: type help.' : 'Ctrl-C stops all of it.'}
`);
}

function introduceService({ bots, service }: Stack, print: Print): void {
  print(`
How a service asks

  where  ${service.url}${bots.length > 1 ? ', the first of the bots' : ''}
  key    ${service.key}
         for all tenants, subjects and actions, until this stops

  ${service.byHand({ who: 'olivia', action: 'content.read', tenant: 'acme' })}`);
}

function introduceSeal({ adminUrl, sealKey }: Stack, print: Print): void {
  print(`
How the audit trail is verified: with this public key, made for this sandbox

  DATABASE_URL=${adminUrl} npx tsx src/cli.ts verify --key ${sealKey}`);
}

function introduceSignIns({ bots, provider }: Stack, print: Print): void {
  if (provider === null) return;
  const variables = { BREAKGLASS_URL: bots[0]?.apiUrl, ...provider.commandLine };
  const assigned = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  print(`
Who signs in, in a browser: whom they choose at the sandbox's own identity provider, without a password

  in Slack          /breakglass link, /breakglass unlink; an approval of "Create platform owner" wants a fresh sign-in,
                    which Petra and Sam can give at once, and everybody else a day after they linked themselves
  the command line  ${assigned.join(' ')} npx tsx src/cli.ts sign-in`);
}

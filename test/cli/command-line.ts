import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { commands, type Ended } from '../config/command.ts';
import type { TestIdentityProvider } from '../support/identity-provider.ts';

export type Person = (...words: string[]) => Promise<Ended>;

/** The real command line, in processes of its own, as people who keep their sign-ins apart. */
export function commandLine() {
  const { cli, start, folder } = commands();
  const homeOf = (name: string): string => path.join(folder(), name);
  const fileOf = (name: string): string => path.join(homeOf(name), 'breakglass', 'session.json');
  const variablesOf = (name: string, url: string, provider: TestIdentityProvider) => ({
    BREAKGLASS_URL: url,
    OIDC_ISSUER: provider.issuer,
    OIDC_AUDIENCE: provider.audience,
    BREAKGLASS_CLIENT_ID: provider.clients.device.id,
    XDG_STATE_HOME: homeOf(name),
  });
  return {
    ...{ cli, start, folder, fileOf, homeOf, variablesOf },
    /** Signs somebody in by a code; what they type afterwards is theirs. */
    signIn: async (sub: string, url: string, provider: TestIdentityProvider, ...words: string[]) => {
      const variables = variablesOf(sub, url, provider);
      const running = start('cli', ['sign-in', ...words], variables);
      const [, address = ''] = /Open (\S+) and confirm/.exec(await running.said('Open ')) ?? [];
      await provider.approveDevice(address, { sub });
      const ended = await running.ended;
      const person: Person = (...typed) => cli(typed, { BREAKGLASS_URL: url, XDG_STATE_HOME: homeOf(sub) });
      return { ended, person };
    },
    session: (name: string): Record<string, string> => JSON.parse(readFileSync(fileOf(name), 'utf8')),
    /** Puts a session where somebody's is kept. */
    keep: (name: string, session: Readonly<Record<string, unknown>>): void => {
      mkdirSync(path.dirname(fileOf(name)), { recursive: true });
      writeFileSync(fileOf(name), JSON.stringify(session));
    },
    modeOf: (file: string): string => (statSync(file).mode & 0o777).toString(8),
  };
}

/** What steers a terminal, or turns a line round. */
export const STEERING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

import { readFileSync } from 'node:fs';
import { lines } from './config/mistakes.ts';
import type { Settings } from './config/settings.ts';
import type { ApiTls, Environment } from './config.ts';
import type { Standing } from './domain/people.ts';
import { type ApiDoor, onRecord } from './http/door.ts';
import type { Authenticate } from './http/identity/caller.ts';
import { byBootstrapKey, byKey } from './http/identity/keys.ts';
import { byCertificate, byToken } from './http/identity/people.ts';
import { providerKeys } from './http/identity/provider-keys.ts';
import { wrongTries } from './http/identity/wrong-tries.ts';
import type { TlsFiles } from './http/server.ts';
import type { Log } from './log.ts';
import { seldom } from './seldom.ts';
import type { Checks } from './store/checks/open.ts';
import type { Database } from './store/database.ts';
import type { RefusalLog } from './usecases/refusal-log.ts';
import { hasAdminKey, type LinkedPerson, standingOf } from './usecases/who-calls.ts';

export interface ApiDoorParts {
  environment: Environment;
  db: Database;
  checks: Checks;
  settings: () => Settings;
  /** How late it is, by the database's machine (ms). */
  now: () => number;
  /** What Slack says of somebody now, or lately; `unknown` where it says nothing. */
  askSlack: (account: string) => Promise<Standing>;
  refusals: RefusalLog;
  log: Log;
}

/** Who comes in at the API: by a key, by a token of the identity provider, by a certificate. */
export async function apiDoor(parts: ApiDoorParts): Promise<ApiDoor> {
  const { environment, db, checks, settings, log } = parts;
  const standing = async (linked: LinkedPerson) =>
    standingOf(db, linked, await parts.askSlack(linked.account), settings().team);
  const roster = () => ({ roles: settings().roles, clients: settings().api.clients });
  const ways = [byKey(checks), ...(await bootstrap(parts))];
  const { oidc } = environment;
  if (oidc && oidc.audience !== null) {
    const refused = seldom((why, times) => log.warn({ why, times }, 'a token was refused'));
    const reading = () => settings().api;
    const rules = { issuer: oidc.issuer, audience: oidc.audience, keys: providerKeys(oidc.issuer), reading };
    ways.push(byToken({ db, rules: { ...rules, time: parts.now, onRefused: refused }, roster, standing }));
  }
  if (environment.apiTls?.clientCaFile) ways.push(byCertificate(db, roster));
  return { authenticate: firstOf(ways), tries: wrongTries(), refused: onRecord(parts.refusals) };
}

/** Once there was an administrator's key, the variable does not count any more, whatever became of that key. */
async function bootstrap({ environment, db, log }: ApiDoorParts): Promise<Authenticate[]> {
  if (environment.adminApiKey === null) return [];
  if (await hasAdminKey(db)) {
    log.warn('ADMIN_API_KEY is ignored: there is, or was, an administrator key in the database. Take it out.');
    return [];
  }
  log.warn('ADMIN_API_KEY administers until "breakglass key adopt" moves it into the database');
  return [byBootstrapKey(environment.adminApiKey, () => hasAdminKey(db))];
}

const firstOf =
  (ways: readonly Authenticate[]): Authenticate =>
  async (shown) => {
    for (const way of ways) {
      const caller = await way(shown);
      if (caller !== null) return caller;
    }
    return null;
  };

/** @throws ConfigurationError that names the variable of a file that can't be read */
export function tlsFiles(tls: ApiTls | null): TlsFiles | null {
  if (tls === null) return null;
  const file = (variable: string, path: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw lines([`${variable}: can't read ${path} (${why}).`]);
    }
  };
  return {
    cert: file('API_TLS_CERT_FILE', tls.certFile),
    key: file('API_TLS_KEY_FILE', tls.keyFile),
    clientCa: tls.clientCaFile === null ? null : file('API_TLS_CLIENT_CA_FILE', tls.clientCaFile),
  };
}

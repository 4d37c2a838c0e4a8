import { randomUUID } from 'node:crypto';
import type { Stored } from 'oidc-provider';

/** The clients that every provider of ours knows. */
export interface Clients {
  /** The sign-in pages: authorization code with PKCE. */
  web: { id: string; secret: string };
  /** The command line: device flow, no secret. */
  device: { id: string };
  rows: Map<string, Stored>;
  add(id: string, more: Stored): void;
  /** Where the pages let people come back to. */
  allowRedirect(uri: string): void;
}

export const publicClient = { token_endpoint_auth_method: 'none' };

/** @param redirect until another one is allowed */
export function knownClients(redirect: string): Clients {
  const web = { id: 'breakglass-pages', secret: randomUUID() };
  const device = { id: 'breakglass-command-line' };
  const rows = new Map<string, Stored>();
  const add: Clients['add'] = (id, more) => {
    rows.set(id, { client_id: id, redirect_uris: [], response_types: [], ...more });
  };
  const allowRedirect: Clients['allowRedirect'] = (uri) => {
    const grants = { grant_types: ['authorization_code'], response_types: ['code'] };
    add(web.id, { ...grants, client_secret: web.secret, redirect_uris: [uri] });
  };
  allowRedirect(redirect);
  const byDevice = { grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'] };
  add(device.id, { ...publicClient, ...byDevice, application_type: 'native' });
  return { web, device, rows, add, allowRedirect };
}

import { lines } from '../../config/mistakes.ts';
import { readClientEnvironment } from '../../config.ts';
import { command } from '../command.ts';
import { exits } from '../exits.ts';
import { say, sayJson } from '../terminal.ts';
import { spanWords } from '../when.ts';
import { textIn, thingIn } from './client.ts';
import { alone, forgetSession, readSession, writeSession } from './session.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const signIn = command({
  name: 'sign-in',
  with: 'api',
  says: 'sign in at the identity provider with a code; nothing to type here',
  options: { acr: { takes: 'ACR', says: 'how well you have to show who you are, where an approval asks for it' } },
  notes: [
    'Needs BREAKGLASS_URL, OIDC_ISSUER, BREAKGLASS_CLIENT_ID and OIDC_AUDIENCE. The session is kept in',
    '~/.local/state/breakglass/session.json (or under XDG_STATE_HOME), readable by you alone.',
  ],
  run: async ({ options: { acr } }) => {
    const { url, issuer, clientId, audience, sessionFile } = readClientEnvironment();
    const missing = [
      ...(url === null ? ['BREAKGLASS_URL: expected the address of the API.'] : []),
      ...(issuer === null ? ["OIDC_ISSUER: expected the identity provider's address."] : []),
      ...(clientId === null ? ['BREAKGLASS_CLIENT_ID: expected the client of the command line at the provider.'] : []),
    ];
    if (url === null || issuer === null || clientId === null) throw lines(missing);
    const { signInByDevice } = await import('./provider.ts');
    const tokens = await signInByDevice({ issuer, clientId, audience }, acr ?? null, (code) => {
      say(`Open ${code.complete ?? code.address} and confirm the code ${code.code}`);
      say(`It counts for ${spanWords(code.seconds * 1_000)}. Waiting...`);
    });
    const kept = { url, issuer, client_id: clientId, audience, ...tokens };
    await alone(sessionFile, () => writeSession(sessionFile, kept));
    say(`Signed in for ${url}. "breakglass whoami" shows as whom.`);
    return exits.done;
  },
});

const signOut = command({
  name: 'sign-out',
  with: 'api',
  says: 'forget the sign-in, here and at the identity provider',
  options: {},
  run: async () => {
    const { sessionFile } = readClientEnvironment();
    const kept = await readSession(sessionFile);
    const there = await alone(sessionFile, () => forgetSession(sessionFile));
    if (!there) {
      say('Nobody was signed in.');
      return exits.done;
    }
    const { revoked } = await import('./provider.ts');
    const gone = kept !== null && (await revoked(kept));
    say(
      gone
        ? 'Signed out.'
        : 'Signed out here. The identity provider did not confirm it: what it gave out runs out by itself.',
    );
    return exits.done;
  },
});

const whoAmI = command({
  name: 'whoami',
  with: 'api',
  says: 'as whom the API knows you, and what you may',
  options: apiOptions,
  run: async ({ options }) => {
    const { document } = await (await signedIn(options)).call('GET', '/v1/me');
    if (options.json) {
      sayJson(document);
      return exits.done;
    }
    const me = thingIn(document);
    const list = (value: unknown): string => (Array.isArray(value) ? value.map(textIn).join(', ') : '');
    say(`${textIn(me.name)}: ${list(me.roles) || 'no role'}`);
    if (list(me.staff_roles) !== '') say(`In the configuration: ${list(me.staff_roles)}`);
    if (me.kind === 'person' && me.linked === false) {
      say('No Slack account is linked to you, so you take no part in requests: type /breakglass link in Slack.');
    }
    if (me.bound_to_tenants === true) say('Bound to some tenants.');
    return exits.done;
  },
});

export const signInCommands = [signIn, signOut, whoAmI];

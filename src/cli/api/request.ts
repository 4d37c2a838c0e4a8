import { circumstances, scopes } from '../../domain/words.ts';
import { command, whole } from '../command.ts';
import { endings, exits } from '../exits.ts';
import { remark } from '../terminal.ts';
import { textIn, thingIn } from './client.ts';
import { follow } from './follow.ts';
import { shownGrant } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

export const request = command({
  name: 'request',
  with: 'api',
  says: 'ask for access to a tenant',
  options: {
    tenant: { takes: 'TENANT', says: 'the key of the tenant', needed: true },
    scope: { takes: 'SCOPE', says: 'what for', oneOf: scopes, needed: true },
    reason: { takes: 'TEXT', says: 'why, for those who decide and for the record', needed: true },
    ticket: { takes: 'TICKET', says: 'which ticket it belongs to', needed: true },
    minutes: { takes: 'MINUTES', says: 'for how long', needed: true },
    circumstance: { takes: 'WORD', says: 'for break-glass: which circumstance applies', oneOf: circumstances },
    wait: { takes: null, says: 'wait until it is active, or decided otherwise (exit codes as of watch)' },
    ...apiOptions,
  },
  run: async ({ options }) => {
    const { tenant, scope, reason, ticket, circumstance } = options;
    const minutes = whole(options.minutes, '--minutes');
    const api = await signedIn(options);
    const body = { tenant, scope, reason, ticket, minutes, ...(circumstance !== undefined && { circumstance }) };
    const asked = await api.call('POST', '/v1/grants', body);
    const grant = thingIn(asked.document);
    if (!options.wait || grant.state !== 'requested') return shownGrant(options, asked);
    const id = textIn(grant.id);
    remark(`Requested: ${id}`);
    const last = await follow(api, id, asked, {
      until: (state) => state !== 'requested',
      told: (line) => remark(line),
    });
    shownGrant(options, last);
    return endings[textIn(thingIn(last.document).state)] ?? exits.done;
  },
});

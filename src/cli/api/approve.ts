import { legRoles } from '../../domain/words.ts';
import { command, whole } from '../command.ts';
import { exits } from '../exits.ts';
import { agreed, remark } from '../terminal.ts';
import { thingIn } from './client.ts';
import { grantFacts, grantWord, idFor } from './grants.ts';
import { shownGrant } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

export const legOption = {
  takes: 'LEG',
  says: 'as which of those who must agree',
  oneOf: legRoles,
  needed: true,
} as const;

export const approve = command({
  name: 'approve',
  with: 'api',
  says: 'agree to a request, after a look at it',
  words: [grantWord],
  options: {
    leg: legOption,
    minutes: { takes: 'MINUTES', says: 'for less time than was asked for' },
    comment: { takes: 'TEXT', says: 'what there is to say' },
    yes: { takes: null, says: 'do not ask' },
    ...apiOptions,
  },
  run: async ({ words: [typed = ''], options }) => {
    const { leg, comment } = options;
    const minutes = options.minutes === undefined ? undefined : whole(options.minutes, '--minutes');
    const api = await signedIn(options);
    const id = await idFor(api, typed);
    if (!options.yes) {
      const { document, at } = await api.call('GET', `/v1/grants/${id}`);
      for (const line of grantFacts(thingIn(document), at).split('\n')) remark(line);
      const shorter = minutes === undefined ? '' : ` for ${minutes} minutes`;
      if (!(await agreed(`Approve this as ${leg}${shorter}?`))) {
        remark('Nothing was done.');
        return exits.refused;
      }
    }
    const body = { leg, ...(minutes !== undefined && { minutes }), ...(comment !== undefined && { comment }) };
    return shownGrant(options, await api.call('POST', `/v1/grants/${id}/approve`, body));
  },
});

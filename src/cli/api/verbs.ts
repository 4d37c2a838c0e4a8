import { type Command, command } from '../command.ts';
import { legOption } from './approve.ts';
import { grantWord, idFor } from './grants.ts';
import { shownGrant } from './shown.ts';
import { type ApiGiven, apiOptions, signedIn } from './signed-in.ts';

/** Verbs that need no more than an id, and perhaps a leg or a reason. */

const reasonOption = { takes: 'TEXT', says: 'why, for the record', needed: true } as const;

async function done(verb: string, typed: string | undefined, given: ApiGiven, body?: unknown): Promise<number> {
  const api = await signedIn(given);
  const id = await idFor(api, typed ?? '');
  return shownGrant(given, await api.call('POST', `/v1/grants/${id}/${verb}`, body));
}

const bare = (name: string, says: string): Command =>
  command({
    ...{ name, with: 'api', says, words: [grantWord], options: apiOptions },
    run: ({ words: [id], options }) => done(name, id, options),
  });

const reasoned = (name: string, says: string): Command =>
  command({
    ...{ name, with: 'api', says, words: [grantWord] },
    options: { reason: reasonOption, ...apiOptions },
    run: ({ words: [id], options }) => done(name, id, options, { reason: options.reason }),
  });

const deny = command({
  ...{ name: 'deny', with: 'api', says: 'close a request by denying it', words: [grantWord] },
  options: { leg: legOption, reason: reasonOption, ...apiOptions },
  run: ({ words: [id], options }) => done('deny', id, options, { leg: options.leg, reason: options.reason }),
});

export const verbCommands = [
  deny,
  bare('withdraw', 'take back your request'),
  bare('end', 'give access back before it runs out'),
  reasoned('revoke', 'stop access at once'),
  reasoned('excuse', 'let an operator ask again although a review is overdue'),
];

import { command } from '../command.ts';
import { exits } from '../exits.ts';
import { say, sayJson } from '../terminal.ts';
import { textIn, thingIn } from './client.ts';
import { apiOptions, signedIn } from './signed-in.ts';

/** What a content service asks, asked by hand: with the key of a service, and on record like every question. */
export const check = command({
  name: 'check',
  with: 'api',
  says: 'ask as a service whether somebody has access now',
  options: {
    subject: { takes: 'PERSON', says: 'whom, such as slack:T0HOME:U0OLIVIA', needed: true },
    action: { takes: 'ACTION', says: 'what they want to do, such as content.read', needed: true },
    tenant: { takes: 'TENANT', says: 'the key of the tenant', needed: true },
    ...apiOptions,
  },
  notes: ['Needs BREAKGLASS_KEY, the key of a service. Exit codes: 0 yes, 1 no.'],
  run: async ({ options }) => {
    const { subject, action, tenant } = options;
    const { document } = await (await signedIn(options)).call('POST', '/access/v1/evaluation', {
      subject: { type: 'user', id: subject },
      action: { name: action },
      resource: { type: 'tenant', id: tenant },
    });
    const { decision, context } = thingIn(document);
    if (options.json) sayJson(document);
    else {
      const why = textIn(thingIn(context).reason).replaceAll('_', ' ');
      say(decision === true ? 'yes' : `no${why && `: ${why}`}`);
    }
    return decision === true ? exits.done : exits.refused;
  },
});

import { z } from 'zod';
import type { Context } from '../../usecases/context.ts';
import { showConfiguration } from '../../usecases/show-configuration.ts';
import { administratorOf, given } from './administration.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { moment } from './words.ts';

const configuration = z
  .object({
    epoch: z.int(),
    hash: z.string().meta({ description: "SHA-256 of the file's text, hexadecimal" }),
    adopted_at: moment,
    text: z.string(),
  })
  .meta({ id: 'Configuration' });

/** Which configuration is in force. It is changed where the file is. */
export const configurationEndpoints = (context: Context): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/configuration', id: 'showConfiguration', verb: 'show the configuration' },
    ...{ tag: 'Process', roles: ['admin', 'auditor'] },
    summary: 'The configuration in force, and its hash',
    answer: json(configuration, 'The configuration'),
    handle: async (asked) => {
      const found = given(await showConfiguration(context, { by: administratorOf(asked) }, asked.work));
      const { epoch, hash, adoptedAt, text } = found;
      return { epoch, hash, adopted_at: adoptedAt, text };
    },
  }),
];

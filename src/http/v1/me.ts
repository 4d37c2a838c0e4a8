import { z } from 'zod';
import { apiRoles, staffRoles } from '../../domain/words.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';

const me = z
  .object({
    name: z.string().meta({ description: 'As the audit names the caller' }),
    kind: z.enum(['person', 'program']),
    roles: z.array(z.enum(apiRoles)),
    linked: z.boolean().meta({ description: 'Whether a Slack identity belongs to the person' }),
    staff_roles: z.array(z.enum(staffRoles)),
    bound_to_tenants: z.boolean(),
  })
  .meta({ id: 'Caller' });

/** Who the API takes the caller for. */
export const whoAmI = (): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/me', id: 'whoAmI', verb: 'me', tag: 'Process', roles: apiRoles },
    summary: 'Who the caller is taken for',
    answer: json(me, 'The caller'),
    handle: async ({ caller }) => {
      const actor = caller.kind === 'person' ? caller.actor : null;
      return {
        ...{ name: caller.name, kind: caller.kind, roles: [...caller.roles], linked: actor !== null },
        staff_roles: staffRoles.filter((role) => actor?.roles[role] !== undefined),
        bound_to_tenants: caller.tenants !== null,
      };
    },
  }),
];

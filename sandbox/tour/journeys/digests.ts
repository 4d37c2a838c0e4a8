import type { Journey } from '../play.ts';
import { clock, onRecord, row, told } from '../sights.ts';
import { nextHour } from './moments.ts';

const places = [
  ['sofia', 'security', 'all tenants'],
  ['anna', 'acme', 'Acme Corp'],
  ['gina', 'globex', 'Globex'],
] as const;

export const digests: Journey = {
  title: "The morning's summary: security gets everything, each owner channel its own",
  steps: [
    clock('8 in the morning', nextHour(8)),
    told('sofia', 'security', [
      'Access summary, all tenants',
      'Requested: 9',
      '5 break-glass',
      '4 support access',
      '@Sofia 3',
      '@Anna 2',
      'Denied: 1, withdrawn: 1, lapsed: 1',
      'Active now: 0',
      'Ended: 6 (given back 3, revoked 1, ran out 2)',
      'Owner approvals waived: 1',
    ]),
    told('anna', 'acme', [
      'Access summary, Acme Corp',
      'Requested: 3 (3 break-glass)',
      'Denied: 1, withdrawn: 0, lapsed: 0',
      'Ended: 2 (given back 1, revoked 0, ran out 1)',
      'Owner approvals waived: 0',
    ]),
    told('gina', 'globex', [
      'Access summary, Globex',
      'Requested: 5',
      'Denied: 0, withdrawn: 1, lapsed: 1',
      'Ended: 3 (given back 2, revoked 0, ran out 1)',
    ]),
    onRecord(row('digest.sent', 'clock', { tenants: 2 })),

    clock('8 in the morning of the day after, on which nothing happened', nextHour(8)),
    places.map(([who, where, whose]) =>
      told(who, where, [`Access summary, ${whose}`, 'Requested: 0', 'Active now: 0', 'none overdue']),
    ),
    told('sofia', 'security', ['3 sessions wait for their review', 'Content access on Acme Corp by @Olivia', 'Due ']),
    onRecord(row('digest.sent', 'clock', { tenants: 2 })),
  ],
};

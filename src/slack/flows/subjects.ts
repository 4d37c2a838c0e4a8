import type { GrantInContext } from '../../store/grants.ts';
import type { Door } from '../door.ts';
import type { CardSubject } from '../views/card.ts';

/** A grant as the views want it. */
export const cardSubject = (
  { settings }: Pick<Door, 'settings'>,
  { grant, tenant, now, accounts }: GrantInContext,
): CardSubject => ({
  grant,
  tenant,
  now,
  accounts,
  ticketLink: settings().tickets.link,
});

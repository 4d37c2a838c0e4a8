import type { GrantInContext } from '../store/grant-rows.ts';
import type { CardSubject } from './views/card.ts';

export interface TicketSettings {
  settings: () => { tickets: { link: string | null } };
}

/** A grant as the views want it. */
export const cardSubject = (
  { settings }: TicketSettings,
  { grant, tenant, now, uses, accounts }: GrantInContext,
): CardSubject => ({
  grant,
  tenant,
  now,
  uses,
  accounts,
  ticketLink: settings().tickets.link,
});

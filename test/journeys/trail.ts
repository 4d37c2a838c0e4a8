import { channels } from '../../sandbox/cast.ts';
import type { TestStack } from '../support/stack.ts';
import { answerTo, as, ask, command, type Who } from './verbs.ts';

/** What everybody is told who may not look. */
export const noSuchView =
  'There is no such audit trail that you can see now. Ask for Audit view with /support-access first.';
export const title = (name: string) =>
  `*Audit trail of ${name}*, newest first. Each look is on record. You can look until `;

/** What people do who look at a trail. The stack is asked for each time: it is not there yet when tests are described. */
export function looksAt(stack: () => TestStack) {
  const view = (tenant = 'acme', by: Who = 'olivia') =>
    ask(stack(), { by, tenant, scope: 'audit_view', duration: '60' });
  const look = (tenant: string, who: Who = 'olivia') => command(stack(), who, `/support-access audit ${tenant}`);

  /** Presses a made-up button, or one that somebody else has on their screen. */
  const forge = (value: string, who: Who = 'olivia', button = 'audit_older') =>
    answerTo(stack(), who, () =>
      as(stack(), who).clickRaw({ action_id: button, value }, { channel: channels.general.id, ts: '1.000001' }),
    );

  /** The page on somebody's screen. */
  const page = (who: Who = 'olivia') => {
    const message = as(stack(), who).ephemerals.at(-1);
    if (!message) throw new Error('there is no page');
    return message;
  };

  /** Adds rows to a tenant's trail. */
  const fill = (tenant: string, count: number) =>
    stack().db.query(
      'superuser',
      `insert into audit_events (action, actor, tenant_id, request_id, details)
       select 'tenant.updated', 'system:configuration', t.id, 'filler', '{}' from tenants t, generate_series(1, $2::int) where key = $1`,
      [tenant, count],
    );

  /** The number of the audit's last row. */
  const lastRow = async () => {
    const [row] = await stack().db.query<{ id: string }>('superuser', 'select max(id) as id from audit_events');
    return row?.id ?? '0';
  };

  /** What checks were answered after a row. */
  const answersSince = async (id: string) => {
    const rows = await stack().db.query<{ action: string }>(
      'superuser',
      `select action from audit_events where action in ('access.allowed', 'access.denied') and id > $1 order by id`,
      [id],
    );
    return rows.map(({ action }) => action);
  };
  return { view, look, forge, page, fill, answersSince, lastRow };
}

/** The actions of a page's rows, in the order in which they stand there. */
export const actionsIn = (text: string) => [...text.matchAll(/^\*(\w+\.\w+)\* /gm)].map(([, action]) => action);

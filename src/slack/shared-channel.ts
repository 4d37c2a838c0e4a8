import type { WebClient } from '@slack/web-api';
import type { Notice } from '../domain/notices.ts';
import type { Tenant } from '../store/grants.ts';

/** The one channel of a tenant that people of its own company may read as well; null where the file says of none. */
export const mayBeShared = ({ channel, channelShared }: Tenant): string | null => (channelShared ? channel : null);

/**
 * The same at the moment of a change: what was the tenant's own channel until then is told of it too, as shared as the
 * file said it was.
 */
export function mightHaveBeenShared(notice: Notice, tenant: Tenant): string | null {
  if (notice.kind !== 'tenant_changed') return null;
  const was = { channel: tenant.channel, channelShared: tenant.channelShared };
  for (const change of notice.changes) {
    if (change.what === 'channel') was.channel = change.before;
    if (change.what === 'shared') was.channelShared = !change.after;
  }
  return was.channelShared ? was.channel : null;
}

/**
 * Do people of another company read this channel? Then it is no place for anything about tenants, unless it is `own`.
 * @throws what Slack's client throws, where Slack does not say
 */
export async function isReadByOthers(
  slack: WebClient,
  destination: string,
  own: readonly (string | null)[],
): Promise<boolean> {
  if (own.includes(destination) || !/^[CG]/.test(destination)) return false;
  const { channel } = await slack.conversations.info({ channel: destination });
  return Boolean(channel?.is_ext_shared || channel?.is_pending_ext_shared || channel?.is_org_shared);
}

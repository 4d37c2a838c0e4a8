import type { WebClient } from '@slack/web-api';
import type { Tenant } from '../store/grant-rows.ts';

/** The one channel of a tenant that people of its own company may read as well; null where the file says of none. */
export const mayBeShared = ({ channel, channelShared }: Tenant): string | null => (channelShared ? channel : null);

/** Who reads a channel beside the bot's own company. */
export interface ChannelReaders {
  /**
   * Do people of another company read this channel? Then it is no place for anything about tenants, unless it is one of
   * `own`. That they do not is remembered for a minute: Slack does not answer that for every message.
   * @throws what Slack's client throws, where Slack does not say
   */
  areOfOthers(channel: string, own: readonly (string | null)[]): Promise<boolean>;
  /** Some channel may be another one by now. */
  forget(): void;
}

const REMEMBERED_MS = 60_000;

/** @param elapsed milliseconds since some moment */
export function channelReaders(slack: WebClient, elapsed: () => number): ChannelReaders {
  const lookedAt = new Map<string, number>();
  return {
    forget: () => lookedAt.clear(),
    areOfOthers: async (channel, own) => {
      if (own.includes(channel) || !/^[CG]/.test(channel)) return false;
      const before = lookedAt.get(channel);
      if (before !== undefined && elapsed() - before < REMEMBERED_MS) return false;
      const asked = elapsed();
      const { channel: found } = await slack.conversations.info({ channel });
      const others = Boolean(found?.is_ext_shared || found?.is_pending_ext_shared || found?.is_org_shared);
      if (!others) lookedAt.set(channel, asked);
      return others;
    },
  };
}

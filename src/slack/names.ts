import type { WebClient } from '@slack/web-api';
import { slackFailure } from './clients.ts';

/**
 * What an account (`T0HOME:U0OPS`) is called in Slack, for pages outside it; null where Slack does not say. People choose
 * it themselves: it helps to recognise somebody and proves nothing.
 */
export async function nameOf(client: WebClient, account: string): Promise<string | null> {
  try {
    const { user } = await client.users.info({ user: account.split(':').at(-1) ?? '' });
    return user?.real_name || user?.name || null;
  } catch (error) {
    slackFailure(error);
    return null;
  }
}

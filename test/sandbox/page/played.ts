import { populate, workspace } from '../../../sandbox/cast.ts';
import type { Played } from '../../../sandbox/page/server/board.ts';
import type { OpenScenes } from '../../../sandbox/page/server/scenes.ts';
import { startLocalSlack } from '../../../sandbox/slack/index.ts';

/** A Slack with its people and no bot: enough for what does not depend on one. */
export async function playedWithoutBot(): Promise<Played> {
  const slack = await startLocalSlack({ ...workspace, pacing: {} });
  populate(slack);
  const clock: Played['clock'] = {
    now: async () => new Date(),
    advance: async () => {},
    advanceTo: async () => {},
    aheadMs: 0,
    on: () => () => {},
  };
  return { slack, clock, bots: [], adminUrl: '' };
}

export const nothingBehind: OpenScenes = async () => ({
  look: async () => ({ requests: [], followed: null }),
  firstSteps: async () => ({ asked: false, approved: false, over: false }),
  reviewDue: async () => undefined,
  close: async () => {},
});

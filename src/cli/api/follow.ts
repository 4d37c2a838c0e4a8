import { setTimeout as pass } from 'node:timers/promises';
import { when } from '../when.ts';
import { type Answered, type Api, type Thing, textIn, thingIn, thingsIn } from './client.ts';

/** Between two looks (ms). */
const LOOK_EVERY_MS = 2_000;

interface Following {
  until(state: string): boolean;
  told(line: string): void;
}

/** Looks at a request or access until it is in some state, and tells what changes meanwhile. */
export async function follow(api: Api, id: string, first: Answered, { until, told }: Following): Promise<Answered> {
  let last = first;
  for (;;) {
    const known = thingIn(last.document);
    if (until(textIn(known.state))) return last;
    await pass(LOOK_EVERY_MS);
    const next = await api.call('GET', `/v1/grants/${id}`);
    for (const line of changes(known, thingIn(next.document))) told(`${when(next.at?.toISOString(), null)}  ${line}`);
    last = next;
  }
}

/** What is so now and was not before, a line each. */
export function changes(before: Thing, now: Thing): string[] {
  const decided = thingsIn(now.legs).flatMap((leg) => {
    const was = thingsIn(before.legs).find(({ role }) => role === leg.role);
    if (leg.decision === null || was?.decision !== null) return [];
    const { verdict, by, comment } = thingIn(leg.decision);
    return [`${textIn(leg.role)}: ${textIn(verdict)} by ${textIn(by)}${textIn(comment) && `: ${textIn(comment)}`}`];
  });
  const uses = (grant: Thing): string => {
    const { allowed, refused } = thingIn(grant.uses);
    return `${textIn(allowed)} times allowed, ${textIn(refused)} refused`;
  };
  const used = uses(now) === uses(before) ? [] : [`used: ${uses(now)}`];
  if (now.state === before.state) return [...decided, ...used];
  const closed = thingIn(now.closed);
  const who = textIn(closed.by) && ` by ${textIn(closed.by)}`;
  const until = now.state === 'active' ? `, until ${when(now.expires_at, null)}` : '';
  return [
    ...decided,
    ...used,
    `${textIn(now.state)}${who}${until}${textIn(closed.reason) && `: ${textIn(closed.reason)}`}`,
  ];
}

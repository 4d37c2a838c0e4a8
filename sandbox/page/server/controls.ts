import pg from 'pg';
import type { Stack } from '../../stack.ts';
import { nextHour } from '../../tour/journeys/moments.ts';
import type { Act, ActOf, Outcome } from '../wire.ts';
import type { BehindTheScenes } from './behind.ts';
import { done, refused } from './slack-acts.ts';
import type { Weather } from './weather.ts';

/** What the controls move: the clock, how well Slack answers, and the bots. */

export type Control = ActOf<'time' | 'time_to' | 'weather' | 'bot'>;

export const isControl = (act: Act): act is Control => ['time', 'time_to', 'weather', 'bot'].includes(act.kind);

export interface Levers {
  stack: Pick<Stack, 'clock' | 'bots' | 'adminUrl'>;
  weather: Weather;
  behind: Pick<BehindTheScenes, 'reviewDue'>;
  /** Something was moved of which nothing else tells. */
  moved: () => void;
}

const MINUTE_MS = 60_000;
const DIGEST_HOUR = 8;

export async function control(levers: Levers, act: Control): Promise<Outcome> {
  switch (act.kind) {
    case 'time':
      await levers.stack.clock.advance(act.minutes * MINUTE_MS);
      return done;
    case 'time_to':
      return moveTo(levers, act.moment);
    case 'weather':
      levers.weather.set(act.weather);
      levers.moved();
      return done;
    case 'bot':
      return act.to === 'kill' ? kill(levers, act.bot) : start(levers, act.bot);
  }
}

type Moment = ActOf<'time_to'>['moment'];

const noSuchMoment: Readonly<Record<Moment, string>> = {
  expiry: 'Nothing is active.',
  lapse: 'No request is waiting.',
  digest: 'There is no digest to come.',
  review: 'No review is due.',
};

async function moveTo({ stack, behind }: Levers, moment: Moment): Promise<Outcome> {
  const next: Readonly<Record<Moment, () => Promise<Date | undefined>>> = {
    expiry: () => nextOf(stack.adminUrl, 'expires_at', 'active'),
    lapse: () => nextOf(stack.adminUrl, 'lapses_at', 'requested'),
    digest: () => nextHour(DIGEST_HOUR)(stack),
    review: () => behind.reviewDue(),
  };
  const at = await next[moment]();
  if (at === undefined) return refused(noSuchMoment[moment]);
  await stack.clock.advanceTo(at);
  return done;
}

/** The earliest moment to come; what is past counts for nothing, also where the bot was not there to write so. */
async function nextOf(adminUrl: string, column: string, state: string): Promise<Date | undefined> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => {}); // a database that stops meanwhile fails the statement, not the process
  await client.connect();
  try {
    const { rows } = await client.query<{ at: Date | null }>(
      `select min(${column}) as at from grants where state = $1 and ${column} > breakglass_now()`,
      [state],
    );
    return rows[0]?.at ?? undefined;
  } finally {
    await client.end();
  }
}

const noSuchBot = refused('There is no such bot.');

async function kill({ stack }: Levers, index: number): Promise<Outcome> {
  const bot = stack.bots[index];
  if (bot === undefined) return noSuchBot;
  if (bot.busy) return refused('The bot is still starting.');
  if (!bot.running) return refused('The bot is not running.');
  await bot.kill();
  return done;
}

async function start({ stack }: Levers, index: number): Promise<Outcome> {
  const bot = stack.bots[index];
  if (bot === undefined) return noSuchBot;
  if (bot.busy) return refused('The bot is still starting.');
  if (bot.running) return refused('The bot is running.');
  try {
    await bot.start();
    return done;
  } catch {
    return refused('The bot did not start.');
  }
}

import { auditReaders, auditTrail } from './tour/journeys/audit.ts';
import { breakGlass } from './tour/journeys/break-glass.ts';
import { checks } from './tour/journeys/checks.ts';
import { digests } from './tour/journeys/digests.ts';
import { mistakes } from './tour/journeys/mistakes.ts';
import { repeats } from './tour/journeys/repeats.ts';
import { reviews } from './tour/journeys/reviews.ts';
import { sealed } from './tour/journeys/seal.ts';
import { shorter } from './tour/journeys/shorter.ts';
import { auditView, ownerless, workspaceRecovery } from './tour/journeys/support.ts';
import { denied, done, endCommand, lapsed, revoked, withdrawn } from './tour/journeys/ways-to-end.ts';
import { withoutTheRight } from './tour/journeys/without-the-right.ts';
import { status } from './tour/journeys/words.ts';
import { Mismatch } from './tour/mismatch.ts';
import type { Narrator } from './tour/narrator.ts';
import { type Journey, PATIENCE_MS, Play, type Stage, type Step } from './tour/play.ts';
import { shownMoment } from './tour/reading.ts';
import { Records } from './tour/records.ts';

/** In this order: later journeys go on with what earlier ones left open, and the summary counts them all. */
export const journeys: readonly Journey[] = [
  breakGlass,
  auditView,
  workspaceRecovery,
  ownerless,
  status,
  done,
  revoked,
  denied,
  withdrawn,
  endCommand,
  lapsed,
  shorter,
  digests,
  reviews,
  mistakes,
  withoutTheRight,
  repeats,
  auditTrail,
  auditReaders,
  checks,
  sealed,
];

/** When a tour begins: nine in the morning, so that no summary falls due before its time. */
export function tourMorning(): Date {
  const tomorrow = new Date(Date.now() + 24 * 60 * 60_000);
  tomorrow.setUTCHours(9, 0, 0, 0);
  return tomorrow;
}

/** Plays every journey and checks each step. @returns whether all of them went as they should */
export async function playTour(stage: Stage, narrator: Narrator, played = journeys): Promise<boolean> {
  const started = performance.now();
  const records = await Records.open(stage.adminUrl);
  try {
    const play = new Play(stage, records);
    await records.sealed(PATIENCE_MS);
    await records.added(); // what the start wrote
    narrator.say(`The tour begins on ${shownMoment(await stage.clock.now())} UTC. Every step is checked.`);
    let steps = 0;
    for (const [index, { title, steps: listed }] of played.entries()) {
      narrator.journey(index + 1, title);
      const last = index + 1 === played.length ? [nothingElse] : [];
      for (const [at, step] of [...listed.flat(), ...last].entries()) {
        await narrator.coming?.(step, play);
        if (!(await went(step, play, narrator))) {
          narrator.say(`\nThe tour stopped in journey ${index + 1}, "${title}", at step ${at + 1}, "${step.name}".`);
          return false;
        }
        steps += 1;
      }
    }
    const seconds = Math.round((performance.now() - started) / 1000);
    narrator.say(`\n${played.length} journeys, ${steps} steps, ${seconds} seconds. Everything went as it should.`);
    return true;
  } finally {
    await records.close();
  }
}

async function went(step: Step, play: Play, narrator: Narrator): Promise<boolean> {
  try {
    narrator.done(step.name, await step.run(play));
    return true;
  } catch (error) {
    if (error instanceof Mismatch) narrator.failed(step.name, error.expected, error.found);
    else narrator.failed(step.name, 'the step to be possible', error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** The last step of every tour. */
const nothingElse: Step = {
  name: 'Nobody was told anything beside what stands in this transcript',
  run: async (play) => {
    await play.records.quiet(PATIENCE_MS);
    const rows = await play.records.added();
    const overlooked = [...play.overlooked().map((message) => play.read(message)), ...rows.map(({ action }) => action)];
    if (overlooked.length > 0) throw new Mismatch('nothing else', overlooked.join('\n\n'));
    return [];
  },
};

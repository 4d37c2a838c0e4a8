import type { Player } from '../cast.ts';
import type { Answer } from '../service.ts';
import { name, step } from './acts.ts';
import { Mismatch } from './mismatch.ts';
import type { Play, Step } from './play.ts';
import { readAnswer } from './reading.ts';

export interface ExpectedAnswer extends Pick<Answer, 'decision' | 'reason'> {
  until?: (play: Play) => Promise<Date>;
  missing?: readonly string[];
}

/** A service asks before it lets somebody in, and hears this. */
export const serviceAsks = (who: Player, action: string, tenant: string, expected: ExpectedAnswer): Step =>
  step(`The service asks: may ${name(who)} do ${action} on ${tenant} now?`, async (play) => {
    const found = readAnswer(await play.service.ask({ who, action, tenant }));
    const wanted = readAnswer(await exactly(expected, play));
    if (found !== wanted) throw new Mismatch(wanted, found);
    return [found];
  });

const exactly = async ({ until, missing = [], ...said }: ExpectedAnswer, play: Play): Promise<Answer> => ({
  ...said,
  missing,
  until: until ? await until(play) : null,
});

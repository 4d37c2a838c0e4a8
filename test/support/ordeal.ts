import { ask } from './asking.ts';

/** Something that is asked all the time and crashes again and again. */
export interface Ordeal {
  /** Where the API is now; another address after a crash, perhaps. */
  api: () => string;
  key: string;
  questions: readonly unknown[];
  atOnce: number;
  /** How often `true` is to be heard before each crash. */
  between: number;
  /** One after the other; each resolves when everything is up again. */
  crashes: readonly (() => Promise<unknown>)[];
}

export interface Survived {
  /** The names under which each `true` that was heard has to be on record. */
  allowed: string[];
  /** Questions that a crash left without a decision. */
  lost: number;
}

/** Asks while it crashes. What was under way at a crash goes on until it is answered or its connection breaks. */
export async function ordeal({ api, key, questions, atOnce, between, crashes }: Ordeal): Promise<Survived> {
  const survived: Survived = { allowed: [], lost: 0 };
  const ahead = [...crashes];
  let up: Promise<unknown> = Promise.resolve();
  let sent = 0;

  const crashWhenDue = (): void => {
    if (survived.allowed.length < (crashes.length - ahead.length + 1) * between) return;
    const crash = ahead.shift();
    if (crash) up = crash();
  };
  const asker = async (): Promise<void> => {
    while (survived.allowed.length < (crashes.length + 1) * between) {
      await up;
      sent += 1;
      const heard = await ask(api(), key, questions[sent % questions.length]).catch(() => null);
      if (heard?.decision === true && heard.evaluation !== null) survived.allowed.push(heard.evaluation);
      if (heard === null || heard.decision === null) survived.lost += 1;
      crashWhenDue();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, asker));
  await up;
  return survived;
}

/** Of the answers that were heard, those that nobody will ever find on record. */
export const missingOf = `
  select told from unnest($1::text[]) told
  except select details ->> 'evaluation' from audit_events where action = 'access.allowed'`;

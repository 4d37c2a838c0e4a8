import { ConfigurationError } from '../../config/mistakes.ts';

/** How a check went. `unknown`: it could not be made, and says why. */
export type State = 'ok' | 'warning' | 'problem' | 'unknown';

export interface Finding {
  state: State;
  /** What was looked at, in a word or two. */
  what: string;
  found: string;
  /** What to do; null where nothing is. */
  do: string | null;
}

export const ok = (what: string, found: string): Finding => ({ state: 'ok', what, found, do: null });
export const warning = (what: string, found: string, todo: string): Finding => ({
  ...{ state: 'warning', what, found, do: todo },
});
export const problem = (what: string, found: string, todo: string): Finding => ({
  ...{ state: 'problem', what, found, do: todo },
});
export const unknown = (what: string, why: string): Finding => ({ state: 'unknown', what, found: why, do: null });

/** A check that fails says so instead of what it would have found: never a trace, and the others are made. */
export async function looked(what: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [unknown(what, `could not be checked: ${whyOf(error)}`)];
  }
}

/** In a line, without places in a source and without addresses that hold a password. */
export function whyOf(error: unknown): string {
  const said = error instanceof Error ? error.message || error.name : String(error);
  const [line = ''] = said.split('\n').filter((each) => each.trim() !== '' && !/^\s+at /.test(each));
  return line.replace(/\b([a-z]+):\/\/[^\s/@]*@/gi, '$1://').slice(0, 300);
}

/** Mistakes of the environment or the file, a finding each; null where it is something else. */
export const mistakes = (what: string, error: unknown): Finding[] | null =>
  error instanceof ConfigurationError
    ? error.lines.map((line) => problem(what, line, 'Set it right and run this again.'))
    : null;

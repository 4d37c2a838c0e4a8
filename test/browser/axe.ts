import axe from 'axe-core';
import type { Window } from './window.ts';

interface Violation {
  id: string;
  nodes: readonly { target: readonly string[]; failureSummary?: string }[];
}

/** What axe-core finds, by its rules for WCAG 2.2 A and AA and its best practices. */
export async function violations({ page }: Window): Promise<string[]> {
  // By the debugger's way in, which no policy of the page stands before.
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const run: (options: object) => Promise<{ violations: Violation[] }> = Reflect.get(globalThis, 'axe').run;
    return (await run({ resultTypes: ['violations'] })).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  );
}

import { readFileSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** The values a label can have: a closed list. Null where the list is that of the API's routes, which the server knows. */
export type LabelWords = Readonly<Record<string, readonly string[] | null>>;

/** All that one process says about itself, in a registry of its own: several bots in one process do not meet. */
export interface Figures {
  registry: Registry;
  /** By the metric's name. */
  words: Map<string, LabelWords>;
}

/** An empty set of figures, with those of the Node process already in it. */
export function newFigures(): Figures {
  const figures: Figures = { registry: new Registry(), words: new Map() };
  collectDefaultMetrics({ register: figures.registry });
  const version = versionOf(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  gauge(figures, 'breakglass_build_info', 'Always 1; the label says which version runs.', {
    version: [version],
  }).set({ version }, 1);
  return figures;
}

function versionOf(manifest: string): string {
  const { version } = JSON.parse(manifest) as { version?: unknown };
  return String(version);
}

interface Described {
  name: string;
  help: string;
  labels: LabelWords;
}

/** What a metric is made from; its labels' values are remembered, so that tests can hold everybody to them. */
function made<L extends string>(figures: Figures, { name, help, labels }: Described) {
  figures.words.set(name, labels);
  return { name, help, labelNames: Object.keys(labels) as L[], registers: [figures.registry] };
}

type WordsOf<L extends string> = Readonly<Record<L, readonly string[] | null>>;

export const counter = <L extends string = never>(
  figures: Figures,
  name: `breakglass_${string}_total`,
  help: string,
  labels: WordsOf<L>,
): Counter<L> => new Counter<L>(made<L>(figures, { name, help, labels }));

export const gauge = <L extends string = never>(
  figures: Figures,
  name: `breakglass_${string}`,
  help: string,
  labels: WordsOf<L>,
): Gauge<L> => new Gauge<L>(made<L>(figures, { name, help, labels }));

/** @param buckets upper bounds, in seconds */
export const histogram = <L extends string = never>(
  figures: Figures,
  name: `breakglass_${string}_seconds`,
  help: string,
  labels: WordsOf<L>,
  buckets: readonly number[],
): Histogram<L> => new Histogram<L>({ ...made<L>(figures, { name, help, labels }), buckets: [...buckets] });

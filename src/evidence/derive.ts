import { isMeant, type Population, type Selection } from './bundle.ts';
import { type Entry, readEntry } from './entry.ts';
import { type PartName, partHeader, partNames, partOf, partRow } from './parts.ts';

/** Where a file's text goes: to the disk, or only into a hash. */
export interface Sink {
  write(text: string): void;
}

/** Everything that follows from the entries: the tables, and how many there are of what. */
export interface Derivation {
  /** @returns the entry as it was read, where it was asked for; null where it stands beside the window */
  add(leaf: number, text: string): Entry | null;
  population(): Population;
}

export const derivedFiles: readonly string[] = partNames.flatMap((part) => [`${part}.jsonl`, `${part}.csv`]);

/** Derives the tables of a selection from its entries. @param sinkOf for each file, by its name */
export function derivation(selection: Selection, sinkOf: (file: string) => Sink): Derivation {
  const sinks = Object.fromEntries(
    partNames.map((part) => [part, { jsonl: sinkOf(`${part}.jsonl`), csv: sinkOf(`${part}.csv`) }]),
  ) as Record<PartName, { jsonl: Sink; csv: Sink }>;
  for (const part of partNames) sinks[part].csv.write(partHeader(part));
  const parts = Object.fromEntries(partNames.map((part) => [part, 0])) as Record<PartName, number>;
  const actions = new Map<string, number>();
  const range = { entries: 0, beside: 0, first_at: null as string | null, last_at: null as string | null };
  return {
    add: (leaf, text) => {
      const entry = readEntry(text);
      if (!isMeant(selection, entry.at)) {
        range.beside += 1;
        return null;
      }
      const part = partOf(entry.action);
      const row = partRow(part, leaf, entry);
      sinks[part].jsonl.write(row.json);
      sinks[part].csv.write(row.csv);
      range.entries += 1;
      range.first_at ??= entry.at;
      range.last_at = entry.at;
      parts[part] += 1;
      actions.set(entry.action, (actions.get(entry.action) ?? 0) + 1);
      return entry;
    },
    population: () => ({
      ...range,
      by_part: parts,
      by_action: Object.fromEntries([...actions].sort(([a], [b]) => (a < b ? -1 : 1))),
    }),
  };
}

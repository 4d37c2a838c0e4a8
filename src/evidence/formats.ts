import type { TrailEntry } from '../domain/trail.ts';
import { ocsfEvent } from './ocsf.ts';
import { csvHeader, csvRow, jsonRow } from './trail.ts';

/** How a trail can be taken away as a whole: one line after the other. */
export const trailFormats = ['csv', 'ndjson', 'ocsf'] as const;
export type TrailFormat = (typeof trailFormats)[number];

interface Lines {
  /** Comes first; may be empty. */
  header: string;
  row: (entry: TrailEntry) => string;
}

const jsonLine = (value: unknown): string => `${JSON.stringify(value)}\n`;

export const lineOf: Readonly<Record<TrailFormat, Lines>> = {
  csv: { header: csvHeader, row: csvRow },
  ndjson: { header: '', row: (entry) => jsonLine(jsonRow(entry)) },
  ocsf: { header: '', row: (entry) => jsonLine(ocsfEvent(entry)) },
};

import type { TrailEntry } from '../domain/trail.ts';
import { type Cell, csvLine } from './csv.ts';

const columns: Readonly<Record<string, (entry: TrailEntry) => Cell>> = {
  id: ({ id }) => id,
  at: ({ at }) => at.toISOString(),
  action: ({ action }) => action,
  actor: ({ actor }) => actor,
  tenant: ({ tenant }) => tenant,
  grant: ({ grant }) => grant,
  scope: ({ scope }) => scope,
  requester: ({ requester }) => requester,
  request_id: ({ requestId }) => requestId,
  details: ({ details }) => JSON.stringify(details),
};

export const csvHeader: string = csvLine(Object.keys(columns));

/** A row for a spreadsheet. The exact text of the row is not in it: that is for programs. */
export const csvRow = (entry: TrailEntry): string => csvLine(Object.values(columns).map((cell) => cell(entry)));

/** A row for a program, with its exact text: the evidence. */
export const jsonRow = (entry: TrailEntry): Record<string, unknown> => ({
  ...{ id: entry.id, at: entry.at.toISOString(), action: entry.action, actor: entry.actor, tenant: entry.tenant },
  ...{ grant: entry.grant, scope: entry.scope, requester: entry.requester, request_id: entry.requestId },
  ...{ details: entry.details, entry: entry.entry },
});

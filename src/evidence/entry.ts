/** What the exact text of an audit entry says (docs/audit-actions.md). Whatever is not there is null or empty. */
export interface Entry {
  id: number | null;
  /** ISO 8601 in UTC with microseconds: texts of two times compare as the times do. */
  at: string;
  action: string;
  actor: string;
  tenant: string | null;
  grant: string | null;
  requestId: string | null;
  details: Readonly<Record<string, unknown>>;
}

/** Reads an entry. A text that is none reads as an entry that says nothing, on every machine alike. */
export function readEntry(text: string): Entry {
  const said = recordIn(text);
  return {
    id: typeof said.id === 'number' ? said.id : null,
    at: textOf(said.at) ?? '',
    action: textOf(said.action) ?? '',
    actor: textOf(said.actor) ?? '',
    tenant: textOf(said.tenant),
    grant: textOf(said.grant),
    requestId: textOf(said.request_id),
    details: isRecord(said.details) ? said.details : {},
  };
}

/** What a JSON text says, where it is an object; else nothing. */
export function recordIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(text);
    return isRecord(said) ? said : {};
  } catch {
    return {};
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

export interface AuditColumns {
  id: string;
  at: Date | string;
  /** `at` in UTC with microseconds, which a Date does not carry. */
  micros: string;
  action: string;
  actor: string;
  tenant_id: string | null;
  grant_id: string | null;
  request_id: string;
  details: Readonly<Record<string, unknown>>;
}

/** The text of an audit row, put together without the database: what `audit_entry()` has to write. */
export function canonicalEntry(row: AuditColumns): string {
  const parts = [
    ['v', '1'],
    ['id', row.id],
    ['at', JSON.stringify(row.micros)],
    ['action', JSON.stringify(row.action)],
    ['actor', JSON.stringify(row.actor)],
    ['tenant', JSON.stringify(row.tenant_id)],
    ['grant', JSON.stringify(row.grant_id)],
    ['request_id', JSON.stringify(row.request_id)],
    ['details', asJsonb(row.details)],
  ];
  return `{${parts.map(([key, value]) => `"${key}":${value}`).join(',')}}`;
}

/** As PostgreSQL prints jsonb: keys by their length in bytes, then byte by byte; a space after each colon and comma. */
function asJsonb(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(asJsonb).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .map(([key, inner]) => ({ bytes: Buffer.from(key), text: `${JSON.stringify(key)}: ${asJsonb(inner)}` }))
    .sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
  return `{${entries.map(({ text }) => text).join(', ')}}`;
}

/** One fact of a tenant's audit trail, as somebody reads it who looks. */
export interface TrailRow {
  /** The row's number in the audit: a whole number in decimal digits. */
  id: string;
  at: Date;
  action: string;
  /** `slack:T0HOME:U0OPS`, `key:documents`, `system:clock`. */
  actor: string;
  details: Readonly<Record<string, unknown>>;
}

/** Part of a trail, newest first. */
export interface TrailPage {
  rows: readonly TrailRow[];
  /** The next page is of rows before this one; null where nothing is older. */
  older: string | null;
}

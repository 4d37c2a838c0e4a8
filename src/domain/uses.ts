/** What was done under a grant, counted from the answers to checks. */
export interface Uses {
  allowed: number;
  /** Tried and refused while the grant was there, or within a day after its end. */
  refused: number;
  byAction: readonly { action: string; allowed: number; refused: number }[];
  firstAt: Date;
  lastAt: Date;
}

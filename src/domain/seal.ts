/** Why history is not sealed on: a closed list. In each case nothing was signed. */
export type SealTrouble =
  /** The last head here is signed by a key that is neither ours nor one we were told to trust. */
  | 'unknown_key'
  /** The last head here is of a log with another name than our key's. */
  | 'other_log'
  /** The database ends before the head that was kept outside it: rows are missing, or it is an older copy. */
  | 'shorter'
  /** The database is as long as the head that was kept outside it, or longer, and something else than it was. */
  | 'forked'
  /** What is stored to go on from does not lead to the head that was signed. */
  | 'broken'
  /** The head that was kept outside the database can't be read. */
  | 'kept_unreadable';

/** Every error in the chain of causes, outermost first. */
function* chain(error: unknown): Generator<Record<string, unknown>> {
  for (let at = error, depth = 0; typeof at === 'object' && at !== null && depth < 8; depth += 1) {
    yield at as Record<string, unknown>;
    const meta = (at as { meta?: { driverAdapterError?: unknown } }).meta;
    at = (at as { cause?: unknown }).cause ?? meta?.driverAdapterError;
  }
}

/** PostgreSQL's five-letter SQLSTATE of a failure, where there is one. */
export function sqlState(error: unknown): string | undefined {
  for (const at of chain(error)) {
    for (const candidate of [at.originalCode, at.code]) {
      if (typeof candidate === 'string' && /^[0-9A-Z]{5}$/.test(candidate) && !/^P\d{4}$/.test(candidate))
        return candidate;
    }
  }
  return undefined;
}

/** Serialization failure or deadlock: nothing was done, the same again may work. */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01' || [...chain(error)].some(({ code }) => code === 'P2034');
}

/** A unique index said that somebody was faster. */
export const isDuplicate = (error: unknown): boolean =>
  sqlState(error) === '23505' || [...chain(error)].some(({ code }) => code === 'P2002');

/** Said by PostgreSQL, which ends the session; by the network; by Prisma, which translates that; by the driver, in words only. */
const lostConnection = {
  states: /^(08...|57P0[125])$/,
  names: ['ECONNRESET', 'EPIPE', 'P1017', 'ConnectionClosed'],
  words: ['Connection terminated unexpectedly', 'Client has encountered a connection error and is not queryable'],
};

/** The connection that the work was done on is gone. One that could not be opened, or is merely silent, is none of these. */
export const isLostConnection = (error: unknown): boolean =>
  lostConnection.states.test(sqlState(error) ?? '') ||
  [...chain(error)].some(
    ({ code, kind, message }) =>
      [code, kind].some((name) => lostConnection.names.includes(String(name))) ||
      lostConnection.words.includes(String(message)),
  );

/** PostgreSQL or the way to it has trouble of its own: nothing is wrong with what was asked, and later it may work. */
const outage = {
  states: /^(08|25006|40|53|55P03|57|58)/,
  names: ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'P1001', 'P1002', 'P1008', 'P2024', 'P2028'],
};

/** The database does not answer, takes no work or gave up on it. */
export const isDatabaseOutage = (error: unknown): boolean =>
  isLostConnection(error) ||
  outage.states.test(sqlState(error) ?? '') ||
  [...chain(error)].some(({ code }) => outage.names.includes(String(code)));

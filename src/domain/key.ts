import { type KeyRole, keyRoles } from './words.ts';

/** A key that is asked for. Null lists are "every"; tenants by their keys. Only a service asks about people and actions. */
export interface KeyWish {
  name: string;
  role: KeyRole;
  tenants: readonly string[] | null;
  subjects: readonly string[] | null;
  actions: readonly string[] | null;
  /** The tenant of questions that name none; one of those the key is bound to. */
  defaultTenant: string | null;
  /** How long it counts. */
  days: number;
  /** Answers a second, in each process. */
  perSecond: number;
}

/** Longest life of a key, and the usual one (days). */
export const keyDays = { usual: 90, most: 366 };
/** Answers a second, in each process. */
export const keyPerSecond = { usual: 1_000, most: 1_000_000 };

export const keyShapes = {
  name: { pattern: /^[a-z0-9][a-z0-9-]{1,62}$/, words: 'lower case letters, digits and dashes' },
  tenants: { pattern: /^[a-z0-9][a-z0-9-]{0,62}$/, words: 'keys of tenants such as acme' },
  actions: { pattern: /^[a-z][a-z0-9_.]*$/, words: 'actions such as content.read' },
  subjects: {
    // Printable ASCII alone: what is neither stored nor shown as it was typed is nobody's name.
    pattern: /^(slack:[A-Z0-9]+:[A-Z0-9]+|oidc:[\x21\x22\x24-\x7e]+#[\x21-\x7e]+)$/,
    words: 'people such as slack:T0HOME:U0OLIVIA',
  },
} as const;
/** More bounds than this are no bounds. */
export const keyListMost = 1_000;

const isWhole = (value: number, most: number): boolean => Number.isInteger(value) && value >= 1 && value <= most;

/** The first thing that is wrong with such a wish. */
export function keyMistake(wish: KeyWish): { field: string; expected: string } | null {
  const { name, role, defaultTenant, days, perSecond, tenants } = wish;
  if (!keyShapes.name.pattern.test(name)) return { field: 'name', expected: keyShapes.name.words };
  if (!keyRoles.some((each) => each === role)) return { field: 'role', expected: keyRoles.join(' or ') };
  for (const field of ['tenants', 'subjects', 'actions'] as const) {
    const list = wish[field];
    if (list === null) continue;
    if (list.length > keyListMost) return { field, expected: `${keyListMost} or fewer` };
    if (!list.every((each) => keyShapes[field].pattern.test(each))) return { field, expected: keyShapes[field].words };
  }
  if (tenants?.length === 0) return { field: 'tenants', expected: 'at least one, or every' };
  if (role !== 'service') {
    const idle = (['subjects', 'actions'] as const).find((field) => wish[field]?.length !== 0);
    if (idle) return { field: idle, expected: 'none: only a service asks about people' };
    if (defaultTenant !== null) return { field: 'default_tenant', expected: 'none: only a service asks' };
  }
  if (defaultTenant !== null && !(tenants?.includes(defaultTenant) ?? keyShapes.tenants.pattern.test(defaultTenant)))
    return { field: 'default_tenant', expected: 'one of the tenants' };
  if (!isWhole(days, keyDays.most)) return { field: 'days', expected: `a whole number from 1 to ${keyDays.most}` };
  if (!isWhole(perSecond, keyPerSecond.most))
    return { field: 'per_second', expected: `a whole number from 1 to ${keyPerSecond.most}` };
  return null;
}

/** A bootstrap key that becomes one of the table: what the environment takes for one. */
export const bootstrapKeyShape = /^[\x21-\x7e]{32,200}$/;

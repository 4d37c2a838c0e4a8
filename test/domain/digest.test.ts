import { describe, expect, test } from 'vitest';
import { type DigestSummary, isQuiet } from '../../src/domain/digest.ts';

const nothing: DigestSummary = {
  from: '2026-01-05T08:00:00.000Z',
  to: '2026-01-06T08:00:00.000Z',
  tenant: null,
  requested: 0,
  denied: 0,
  withdrawn: 0,
  lapsed: 0,
  ended: 0,
  revoked: 0,
  expired: 0,
  waivers: 0,
  activeNow: 0,
  approvers: [],
  longest: null,
  byKind: {},
};

describe('a day is quiet', () => {
  test('when nothing was asked for, decided, ended or is active', () => {
    expect(isQuiet(nothing)).toBe(true);
    expect(isQuiet({ ...nothing, tenant: 'Acme Corp', byKind: { break_glass: 0 } })).toBe(true);
  });

  const counts = Object.entries(nothing).filter(([, value]) => value === 0);
  test.each(counts.map(([name]) => [name]))('but not with a single one under %s', (name) => {
    expect(counts).toHaveLength(9);
    expect(isQuiet({ ...nothing, [name]: 1 })).toBe(false);
  });

  const watch = { reviews: { due: 0, overdue: 0 }, unused: 0, refused: 0, seal: null };
  test.each([
    ['a review is due', { ...watch, reviews: { due: 1, overdue: 0 } }],
    ['a review is overdue', { ...watch, reviews: { due: 0, overdue: 1 } }],
    ['an access was never used', { ...watch, unused: 1 }],
    ['a try was refused', { ...watch, refused: 1 }],
    ['an entry waits to be sealed', { ...watch, seal: { sealed: null, waitingSince: nothing.to } }],
  ])('but not when %s', (_what, changed) => {
    expect(isQuiet({ ...nothing, watch })).toBe(true);
    expect(isQuiet({ ...nothing, watch: { ...watch, seal: { sealed: null, waitingSince: null } } })).toBe(true);
    expect(isQuiet({ ...nothing, watch: changed })).toBe(false);
  });

  test('but not when somebody only approved', () => {
    expect(isQuiet({ ...nothing, approvers: [{ account: 'T0HOME:U0OPS', legs: 1 }] })).toBe(false);
  });
});

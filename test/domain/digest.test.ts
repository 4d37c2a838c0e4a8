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

  test('but not when somebody only approved', () => {
    expect(isQuiet({ ...nothing, approvers: [{ account: 'T0HOME:U0OPS', legs: 1 }] })).toBe(false);
  });
});

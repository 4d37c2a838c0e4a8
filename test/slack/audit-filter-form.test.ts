import { describe, expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit.ts';
import { anything, BEGINNING, type TrailWish } from '../../src/domain/trail.ts';
import { auditFilterForm, parseAuditFilter } from '../../src/slack/views/audit-filter-form.ts';
import { placeValue } from '../../src/slack/views/audit-place.ts';
import type { FormState } from '../../src/slack/views/request-form.ts';
import { at } from '../domain/builders.ts';
import { objectionsToView } from './views-markup.ts';

const noFilter = { from: null, to: null };
const formOf = (wish: TrailWish) =>
  auditFilterForm(placeValue(wish, { from: at(0), to: null }, null), {
    wish: { ...wish, since: { at: at(0) } },
    before: null,
  });

/** What Slack sends where nobody touched a field. */
function untouched(wish: TrailWish): FormState {
  const blocks: { block_id: string; element: Record<string, unknown> }[] = JSON.parse(
    JSON.stringify(formOf(wish).blocks),
  );
  return Object.fromEntries(
    blocks.map(({ block_id: id, element }) => [
      id,
      {
        [id]: {
          value: (element.initial_value as string | undefined) ?? null,
          selected_option: (element.initial_option as { value: string } | undefined) ?? null,
          selected_user: element.initial_user ?? null,
        },
      },
    ]),
  );
}

const wishes: TrailWish[] = [
  anything,
  { ...anything, tenant: 'acme', kind: 'support_access', action: 'approved' },
  { ...anything, action: 'access.denied', person: 'slack:T0HOME:U0OLIVIA' },
  ...auditActions.map((action) => ({ ...anything, action })),
];

describe('the form that filters a trail', () => {
  test.each(wishes)('is taken by Slack, and untouched means what was shown: %j', (wish) => {
    expect(objectionsToView(formOf(wish))).toEqual([]);
    const metadata = placeValue(wish, { from: at(0), to: null }, null);
    const { wish: read, user } = parseAuditFilter(untouched(wish), metadata);
    expect(read).toEqual({ ...wish, person: null, since: { at: at(0) } });
    expect(user).toBe(wish.person ? 'U0OLIVIA' : null);
  });

  const choosing = (id: string, value: string) => ({ [id]: { [id]: { selected_option: { value } } } });
  test.each([
    ['1h', { minutesAgo: 60 }],
    ['30d', { minutesAgo: 43_200 }],
    ['ever', BEGINNING],
  ])('goes back %s from now, whatever was shown', (window, since) => {
    const metadata = placeValue(anything, { from: at(0), to: at(9) }, null);
    expect(parseAuditFilter(choosing('window', window), metadata).wish).toEqual({ ...anything, since });
  });

  test.each<[string, FormState]>([
    ['kind', choosing('kind', 'everything')],
    ['window', choosing('window', 'since the flood')],
    ['window', choosing('window', 'as_before')],
    ['person', { person: { person: { value: null, selected_option: null } } }],
  ])('takes nothing from a made-up %s', (_what, state) => {
    expect(parseAuditFilter(state, 'made up')).toEqual({ wish: anything, user: null });
    expect(placeValue(anything, noFilter, null)).toBe('all');
  });
});

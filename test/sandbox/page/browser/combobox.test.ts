import { describe, expect, test } from 'vitest';
import { doingOf } from '../../../../sandbox/page/browser/blocks/combobox-keys.ts';
import { fitting, groupsOf } from '../../../../sandbox/page/browser/blocks/options.ts';
import { select } from '../../blocks.ts';
import { option, plain } from '../../cast.ts';
import { reader } from './drawn.ts';

describe('the keys of a closed list', () => {
  test.each([
    ['ArrowDown', { kind: 'open', active: 'first' }],
    ['ArrowUp', { kind: 'open', active: 'last' }],
    ['Enter', { kind: 'open', active: 'first' }],
    ['Escape', null],
    ['Tab', null],
    ['a', null],
  ])('%s', (key, doing) => {
    expect(doingOf(key, { isOpen: false, active: -1, count: 3 })).toEqual(doing);
  });
});

describe('the keys of an open list', () => {
  test.each([
    ['ArrowDown', -1, { kind: 'move', to: 0 }],
    ['ArrowDown', 1, { kind: 'move', to: 2 }],
    ['ArrowDown', 19, { kind: 'move', to: 0 }],
    ['ArrowUp', 1, { kind: 'move', to: 0 }],
    ['ArrowUp', 0, { kind: 'move', to: 19 }],
    ['ArrowUp', -1, { kind: 'move', to: 19 }],
    ['PageDown', 1, { kind: 'move', to: 9 }],
    ['PageDown', 15, { kind: 'move', to: 19 }],
    ['PageUp', 9, { kind: 'move', to: 1 }],
    ['PageUp', 3, { kind: 'move', to: 0 }],
    ['Enter', 2, { kind: 'pick', index: 2 }],
    ['Enter', -1, { kind: 'nothing' }],
    ['Escape', 2, { kind: 'close' }],
    ['Tab', 2, null],
    ['Home', 2, null],
    ['a', 2, null],
  ])('%s at %d of twenty', (key, active, doing) => {
    expect(doingOf(key, { isOpen: true, active, count: 20 })).toEqual(doing);
  });

  test('Enter takes nothing of a list that has become shorter', () => {
    expect(doingOf('Enter', { isOpen: true, active: 2, count: 2 })).toEqual({ kind: 'nothing' });
  });
});

describe('what fits what is typed', () => {
  const menu = {
    type: 'static_select',
    action_id: 's',
    option_groups: [
      { label: plain('Customers'), options: [option('acme', 'Ácme Corp'), option('globex', 'Globex (globex)')] },
      { label: plain('Others'), options: [{ ...option('x', 'Initech'), description: plain('a paper company') }] },
    ],
  };
  const found = (query: string) =>
    fitting(groupsOf(menu, reader), query).map(({ label, choices }) => [label, ...choices.map(({ value }) => value)]);

  test.each([
    [
      '',
      [
        ['Customers', 'acme', 'globex'],
        ['Others', 'x'],
      ],
    ],
    [
      '  ',
      [
        ['Customers', 'acme', 'globex'],
        ['Others', 'x'],
      ],
    ],
    ['ACME', [['Customers', 'acme']]],
    ['acme corp', [['Customers', 'acme']]],
    ['corp acm', [['Customers', 'acme']]],
    ['paper', [['Others', 'x']]],
    [
      'e',
      [
        ['Customers', 'acme', 'globex'],
        ['Others', 'x'],
      ],
    ],
    ['.*', []],
    ['zzz', []],
  ])('%j', (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  test('a menu without groups is one without a name', () => {
    expect(groupsOf(select(), reader)).toMatchObject([{ label: null, choices: [{ value: 'v0' }, { value: 'v1' }] }]);
  });
});

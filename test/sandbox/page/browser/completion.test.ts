import { describe, expect, test } from 'vitest';
import { firstChoice, isWhole, offersFor, readTyped, wordsOf } from '../../../../sandbox/page/browser/completion.ts';
import { everything } from './sample.ts';

const known = everything();
const labels = (text: string, caret = text.length) =>
  offersFor(text, caret, known)?.offers.map(({ label }) => label) ?? null;

/** The text after the first offer was taken. */
function taken(text: string, caret = text.length): string | undefined {
  const offers = offersFor(text, caret, known);
  const [first] = offers?.offers ?? [];
  return offers && first ? text.slice(0, offers.from) + first.insert + text.slice(offers.to) : undefined;
}

describe('what is offered', () => {
  test.each<[string, readonly string[] | null]>([
    ['/', ['/breakglass', '/support-access']],
    ['/SUP', ['/support-access']],
    ['/nothing', null],
    ['/breakglass ', ['status', 'audit', 'end', 'help']],
    ['/breakglass s', ['status']],
    ['/breakglass help', null],
    ['/breakglass status ac', null],
    ['/unknown s', null],
    ['hello /b', null],
    ['hello @', ['Olivia', 'Anna']],
    ['/breakglass audit by @an', ['Anna']],
    ['mail@an', null],
    ['', null],
  ])('for %j is %j', (text, expected) => expect(labels(text)).toEqual(expected));

  test('is for the text up to the caret, and leaves the rest alone', () => {
    expect(taken('/br status', 3)).toBe('/breakglass  status');
    expect(taken('ask @an today', 7)).toBe('ask @anna  today');
  });

  test('goes on with a blank, where something may follow', () => {
    expect([taken('/b'), taken('/breakglass st'), taken('/breakglass he')]).toEqual([
      '/breakglass ',
      '/breakglass status ',
      '/breakglass help',
    ]);
  });

  test('chooses the first, but no word that nobody began: Enter sends the bare command', () => {
    const chosen = ['/b', '/breakglass ', '/breakglass s'].map((text) => {
      const offers = offersFor(text, text.length, known);
      return offers && firstChoice(offers);
    });
    expect(chosen).toEqual([0, null, 0]);
  });

  test('is nothing to take where it is typed in full', () => {
    const whole = (text: string) => {
      const offers = offersFor(text, text.length, known);
      const [first] = offers?.offers ?? [];
      return offers && first && isWhole(offers, first, text);
    };
    expect([whole('/breakglass'), whole('/breakglas')]).toEqual([true, false]);
  });
});

test('a usage hint names words, and what may follow them; places to fill are none', () => {
  expect(wordsOf('[status [TENANT] | audit WORDS | end]')).toEqual([
    { word: 'status', rest: '[TENANT]' },
    { word: 'audit', rest: 'WORDS' },
    { word: 'end', rest: '' },
  ]);
  expect(wordsOf('TENANT')).toEqual([]);
});

test.each([
  ['/breakglass', { kind: 'command', command: '/breakglass', text: '' }],
  [' /breakglass  status  acme ', { kind: 'command', command: '/breakglass', text: 'status  acme' }],
  ['hello /breakglass', { kind: 'say', text: 'hello /breakglass' }],
  ['/', { kind: 'say', text: '/' }],
  ['// a note', { kind: 'say', text: '// a note' }],
])('%j is sent as %j', (text, expected) => expect(readTyped(text)).toEqual(expected));

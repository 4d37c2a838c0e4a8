import { expect, test } from 'vitest';
import type { Loaded } from '../../../../sandbox/page/browser/blocks/hand.ts';
import { asker } from '../../../../sandbox/page/browser/blocks/sources.ts';
import { option } from '../../cast.ts';

/** Somebody who asks, whose questions are answered when the test says so. */
function asking() {
  const asked: string[] = [];
  const shown: Loaded[] = [];
  const waiting: ((loaded: Loaded) => void)[] = [];
  const { want } = asker(
    (query) => {
      asked.push(query);
      return new Promise((resolve) => waiting.push(resolve));
    },
    (loaded) => shown.push(loaded),
  );
  const answer = async (loaded: Loaded) => {
    waiting.shift()?.(loaded);
    // The answer goes through the promise of the load and that of the loop.
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  };
  return { asked, shown, want, answer };
}

const found = (value: string): Loaded => ({ options: [option(value)] });

test('what is typed is asked, and the answer shown', async () => {
  const { asked, shown, want, answer } = asking();
  want('a');
  await answer(found('a'));
  expect([asked, shown]).toEqual([['a'], [found('a')]]);
});

test('of what is typed during a question only the last is asked, and only its answer shown', async () => {
  const { asked, shown, want, answer } = asking();
  for (const typed of ['a', 'ac', 'acm']) want(typed);
  expect(asked).toEqual(['a']);
  await answer(found('a'));
  expect([asked, shown]).toEqual([['a', 'acm'], []]);
  await answer(found('acm'));
  expect(shown).toEqual([found('acm')]);
});

test('an answer that is no longer wanted is not shown', async () => {
  const { asked, shown, want, answer } = asking();
  want('a');
  want(null);
  await answer(found('a'));
  expect([asked, shown]).toEqual([['a'], []]);
  want('b');
  await answer({ why: 'It is down.' });
  expect([asked, shown]).toEqual([['a', 'b'], [{ why: 'It is down.' }]]);
});

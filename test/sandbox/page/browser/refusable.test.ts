import { h, options } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Blocks } from '../../../../sandbox/page/browser/blocks/blocks.tsx';
import { Refusable } from '../../../../sandbox/page/browser/blocks/refusable.tsx';
import { reader } from './drawn.ts';

const drawnThrough = (type: string, what?: 'window') =>
  renderToString(
    h('main', null, [
      h(Refusable, { children: h(Blocks, { blocks: [{ type }], reader }), ...(what ? { what } : {}) }),
      h('p', null, 'the rest'),
    ]),
  );

beforeEach(() => {
  Object.assign(options, { errorBoundaries: true });
});
afterEach(() => {
  Object.assign(options, { errorBoundaries: false });
  vi.restoreAllMocks();
});

test('what can be shown is shown', () => {
  expect(drawnThrough('divider')).toContain('<hr');
});

test('what can’t be shown is said to be missing, on the console as well, and takes nothing along', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(drawnThrough('carousel')).toBe(
    '<main><p class="bk-refused" role="alert">' +
      "This page can't show this message: /blocks/0: unsupported type: carousel</p><p>the rest</p></main>",
  );
  expect(said).toHaveBeenCalledOnce();
  expect(said.mock.calls[0]?.[0]).toMatchObject({ name: 'RefusedBlocks' });
});

test('a window is called one', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(drawnThrough('carousel', 'window')).toContain('show this window: ');
});

/** What the browser would be given, read by a reader of HTML that takes nothing but what Preact may write. */
import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { Blocks } from '../../../../sandbox/page/browser/blocks/blocks.tsx';
import { ModalStack } from '../../../../sandbox/page/browser/blocks/modal.tsx';
import { Mrkdwn } from '../../../../sandbox/page/browser/blocks/mrkdwn.tsx';
import type { Reader } from '../../../../sandbox/page/browser/blocks/reader.ts';
import type { Outcome, ShownView } from '../../../../sandbox/page/wire.ts';
import { initialState, type StateValues } from '../../../../sandbox/slack/form.ts';
import type { JsonObject } from '../../../../sandbox/slack/json.ts';

export interface Tag {
  name: string;
  attributes: Readonly<Record<string, string>>;
}

interface Drawn {
  html: string;
  tags: Tag[];
  /** All that is written between tags, as a person reads it. */
  text: string;
}

const TOKEN = /<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<]*")?)*) ?\/?>|([^<]+)/gy;
const ATTRIBUTE = / ([a-z-]+)(?:="([^"<]*)")?/g;

const decoded = (text: string) =>
  text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

const attributesOf = (text: string) =>
  Object.fromEntries([...text.matchAll(ATTRIBUTE)].map(([, name = '', value = '']) => [name, decoded(value)]));

/** Throws on anything that is neither a tag, spelled as Preact spells it, nor text. */
function read(html: string): Drawn {
  const tags: Tag[] = [];
  let text = '';
  let end = 0;
  for (const [whole, slash, name, attributes = '', words] of html.matchAll(TOKEN)) {
    end += whole.length;
    if (words !== undefined) text += decoded(words);
    else if (slash === '' && name !== undefined) tags.push({ name, attributes: attributesOf(attributes) });
  }
  if (end !== html.length) throw new Error(`not as Preact writes it: ${html.slice(end, end + 80)}`);
  return { html, tags, text };
}

export const drawn = <P>(node: VNode<P>): Drawn => read(renderToString(node));

const names: { [id: string]: string } = { U0ANN: 'Ann', C0OPS: 'ops', S0OPS: 'ops-team' };
export const reader: Reader = {
  nameOf: (id) => names[id],
  now: new Date('2026-01-01T12:00:00Z'),
  zone: 'Europe/Berlin',
  people: [{ id: 'U0ANN', name: 'Ann' }],
};

export const drawnMarkup = (text: string, over: Partial<Reader> = {}): Drawn =>
  drawn(h(Mrkdwn, { text, reader: { ...reader, ...over } }));

export const drawnBlocks = (...blocks: JsonObject[]): Drawn =>
  drawn(h(Blocks, { blocks, reader, press: async () => {} }));

const done = async (): Promise<Outcome> => ({ kind: 'done' });
const live = { press: done, choose: done, fill: done, options: done, submit: done, close: done };

export const viewOf = (definition: JsonObject, state: StateValues = initialState(definition)): ShownView => ({
  ...{ id: 'V1', hash: '1', definition, state },
});

export const drawnViews = (views: ShownView[], readOnly = false): Drawn =>
  drawn(h(ModalStack, { views, reader, live, readOnly }));

export const tagsNamed = ({ tags }: Drawn, ...named: string[]): Tag[] =>
  tags.filter(({ name }) => named.includes(name));

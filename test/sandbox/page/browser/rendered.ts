import type { JSX } from 'preact';
import { renderToString } from 'preact-render-to-string';

/** A part of the page as the browser would be given it. */
export interface Rendered {
  /** All that is written between tags. */
  text: string;
  /** The values that an attribute has, on the tags of a name that have it. */
  all(tag: string, attribute: string): string[];
}

const plain = (html: string): string =>
  html.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');

export function rendered(node: JSX.Element): Rendered {
  const html = renderToString(node);
  return {
    text: plain(html.replace(/<[^>]*>/g, '')),
    all: (tag, attribute) =>
      [...html.matchAll(new RegExp(`<${tag}\\b[^>]*?\\s${attribute}(?:="([^"]*)")?[\\s>]`, 'g'))].map(
        ([, value = '']) => plain(value),
      ),
  };
}

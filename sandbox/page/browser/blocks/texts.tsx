import type { JSX } from 'preact';
import { asObject, asString, type Json, type JsonObject } from '../../../slack/json.ts';
import { readMrkdwn } from '../../../slack/mrkdwn.ts';
import { Mrkdwn } from './mrkdwn.tsx';
import type { Reader } from './reader.ts';

/** A text object: only mrkdwn is read, plain text is shown to the letter. */
export function Words({ of, reader }: { of: Json | undefined; reader: Reader }): JSX.Element | string {
  const words = asObject(of);
  const text = asString(words?.text) ?? '';
  return words?.type === 'mrkdwn' ? <Mrkdwn text={text} reader={reader} /> : text;
}

/** A text object where no element can stand: in a name or a placeholder. */
export function wordsIn(of: Json | undefined, { nameOf, zone }: Pick<Reader, 'nameOf' | 'zone'>): string | undefined {
  const words = asObject(of);
  const text = asString(words?.text);
  return text !== undefined && words?.type === 'mrkdwn' ? readMrkdwn(text, { nameOf, zone }) : text;
}

/** A picture from elsewhere is never loaded, as no request leaves the machine: what it shows is told instead. */
export function Picture({ of }: { of: JsonObject }): JSX.Element {
  const alt = asString(of.alt_text) ?? '';
  return (
    <span class="bk-picture" role="img" aria-label={alt}>
      {alt}
    </span>
  );
}

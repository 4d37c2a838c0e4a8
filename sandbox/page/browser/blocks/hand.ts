/** What a person can do with the elements of blocks, wherever these stand. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { JsonObject } from '../../../slack/json.ts';
import type { Entry } from '../../wire.ts';
import type { Reader } from './reader.ts';

/** What is pressed: the button with this value, or what is chosen of a menu. */
export interface Pick {
  value?: string;
  choose?: string;
}

/** What an element holds now, as Slack's `state.values` writes it down. */
export type Held = JsonObject;

/** Options that were asked for, or why there are none. */
export type Loaded = { options: readonly JsonObject[] } | { why: string };

export interface Hand {
  /** Nothing can be pressed or typed. */
  readOnly: boolean;
  held(block: JsonObject, element: JsonObject): Held;
  press(block: JsonObject, element: JsonObject, pick: Pick): Promise<void>;
  /** Something is typed that is not finished. */
  type(block: JsonObject, element: JsonObject, text: string): void;
  /** Something is entered. `option` is what was chosen, where it is one. */
  enter(block: JsonObject, element: JsonObject, entry: Entry, option?: JsonObject): Promise<void>;
  /** Enter was pressed; true where that does something of its own. */
  entered(block: JsonObject, element: JsonObject, text: string): boolean;
  load(block: JsonObject, query: string): Promise<Loaded>;
  /** What is wrong with what the block holds. */
  problem(block: JsonObject): string | undefined;
}

/** What an element is called and what is said about it, by the ids of where that stands. */
export interface Naming {
  id: string;
  /** What a group of choices is called; a single control has a label of its own around it. */
  legend?: ComponentChildren;
  /** Its name, where nothing that is seen names it. */
  label?: string | undefined;
  labelledBy?: string | undefined;
  describedBy?: string | undefined;
  invalid?: boolean | undefined;
  required?: boolean | undefined;
}

export interface ElementProps {
  element: JsonObject;
  block: JsonObject;
  reader: Reader;
  hand: Hand;
  naming: Naming;
}

/** The attributes of a control that follow from how it is called. */
export const named = ({ id, label, labelledBy, describedBy, invalid, required }: Naming) => ({
  id,
  'aria-label': label,
  'aria-labelledby': labelledBy,
  'aria-describedby': describedBy,
  'aria-invalid': invalid ? true : undefined,
  'aria-required': required ? true : undefined,
});

/** Whether something is on its way, and a way to send one thing at a time. */
export function useBusy(): [boolean, (work: () => Promise<void>) => Promise<void>] {
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    if (busy) return;
    setBusy(true);
    try {
      await work();
    } finally {
      setBusy(false);
    }
  };
  return [busy, run];
}

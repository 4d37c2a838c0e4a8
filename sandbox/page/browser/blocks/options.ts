/** What a menu offers, and what of it fits what was typed. */
import { asString, type JsonObject, objectsIn } from '../../../slack/json.ts';
import type { Reader } from './reader.ts';
import { wordsIn } from './texts.tsx';

export interface Choice {
  value: string;
  label: string;
  description?: string | undefined;
  /** The option object of Slack that it is, where it is one. */
  option?: JsonObject | undefined;
}

export interface ChoiceGroup {
  label: string | null;
  choices: readonly Choice[];
}

export const choiceOf = (option: JsonObject, reader: Reader): Choice => ({
  value: asString(option.value) ?? '',
  label: wordsIn(option.text, reader) ?? '',
  description: wordsIn(option.description, reader),
  option,
});

/** A menu's own options, in groups if it has them. */
export function groupsOf(element: JsonObject, reader: Reader): ChoiceGroup[] {
  const choices = (options: JsonObject[]) => options.map((option) => choiceOf(option, reader));
  const groups = objectsIn(element.option_groups);
  if (groups.length === 0) return [{ label: null, choices: choices(objectsIn(element.options)) }];
  return groups.map((group) => ({
    label: wordsIn(group.label, reader) ?? '',
    choices: choices(objectsIn(group.options)),
  }));
}

const folded = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Those in which every typed word occurs, in any order; case and accents don't count. */
export function fitting(groups: readonly ChoiceGroup[], query: string): ChoiceGroup[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  const fits = ({ label, description = '' }: Choice) => {
    const said = folded(`${label} ${description}`);
    return words.every((word) => said.includes(word));
  };
  return groups
    .map(({ label, choices }) => ({ label, choices: choices.filter(fits) }))
    .filter(({ choices }) => choices.length > 0);
}

/** What the composer offers while somebody types. Pure. */
import type { Command, Someone } from '../wire.ts';

export interface Offer {
  /** What takes the place of the text between `from` and `to`. */
  insert: string;
  label: string;
  /** What may follow it; empty where nothing may. */
  usage: string;
  hint: string;
}

export interface Offers {
  /** What is offered, as the list is called. */
  of: 'Commands' | 'Words' | 'People';
  from: number;
  to: number;
  offers: readonly Offer[];
}

export interface Known {
  commands: readonly Command[];
  cast: readonly Someone[];
}

/** What fits the text up to the caret; null where nothing does. */
export function offersFor(text: string, caret: number, { commands, cast }: Known): Offers | null {
  const before = text.slice(0, caret);
  const found = commandsFor(before, commands) ?? peopleFor(before, cast) ?? wordsFor(before, commands);
  return found === null || found.offers.length === 0 ? null : found;
}

function commandsFor(before: string, commands: readonly Command[]): Offers | null {
  if (!/^\/\S*$/.test(before)) return null;
  const offers = commands
    .filter(({ command }) => command.startsWith(before.toLowerCase()))
    .map(({ command, description, usage }) => ({
      insert: `${command} `,
      label: command,
      usage,
      hint: description,
    }));
  return { of: 'Commands', from: 0, to: before.length, offers };
}

function peopleFor(before: string, cast: readonly Someone[]): Offers | null {
  const [, typed] = /(?:^|\s)@([\w.-]*)$/.exec(before) ?? [];
  if (typed === undefined) return null;
  const offers = cast
    .filter(({ player, name }) => [player, name.toLowerCase()].some((each) => each.startsWith(typed.toLowerCase())))
    .map(({ player, name, is }) => ({ insert: `@${player} `, label: name, usage: '', hint: is }));
  return { of: 'People', from: before.length - typed.length - 1, to: before.length, offers };
}

/** The first word after a command, as its usage hint names them. */
function wordsFor(before: string, commands: readonly Command[]): Offers | null {
  const [, name, typed] = /^(\/\S+)\s+(\S*)$/.exec(before) ?? [];
  const command = commands.find((each) => each.command === name);
  if (command === undefined || typed === undefined) return null;
  const offers = wordsOf(command.usage)
    .filter(({ word }) => word.startsWith(typed.toLowerCase()) && word !== typed)
    .map(({ word, rest }) => ({ insert: rest === '' ? word : `${word} `, label: word, usage: rest, hint: '' }));
  return { of: 'Words', from: before.length - typed.length, to: before.length, offers };
}

/** "[status [TENANT] | end]": the words that stand for themselves, and what may follow each. */
export function wordsOf(usage: string): { word: string; rest: string }[] {
  const inside = /^\[(.*)\]$/s.exec(usage.trim())?.[1] ?? usage;
  return inside.split('|').flatMap((part) => {
    const [word = '', ...rest] = part.trim().split(/\s+/);
    return /^[a-z][a-z-]*$/.test(word) ? [{ word, rest: rest.join(' ') }] : [];
  });
}

/** What is typed, as it is sent: a slash command, or a message. */
export function readTyped(
  text: string,
): { kind: 'command'; command: string; text: string } | { kind: 'say'; text: string } {
  const typed = text.trim();
  const [, command, rest = ''] = /^(\/[^\s/]\S*)\s*([\s\S]*)$/.exec(typed) ?? [];
  return command === undefined ? { kind: 'say', text: typed } : { kind: 'command', command, text: rest };
}

/** Which one is chosen before anybody moved: none where nothing was typed yet that it could complete. */
export const firstChoice = ({ of, from, to }: Offers): number | null => (of === 'Words' && from === to ? null : 0);

/** Somebody who typed a command in full means to send it; Enter then does. */
export const isWhole = ({ from, to }: Offers, { insert }: Offer, text: string): boolean =>
  text.slice(from, to) === insert.trim();

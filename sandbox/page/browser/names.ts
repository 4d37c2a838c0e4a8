/** What people, apps and places are called on the page, and how they look at a glance. Pure. */
import type { Everything, ShownChannel } from '../wire.ts';
import { SLACKBOT } from './state.ts';

export const titleOf = ({ isDirect, name }: ShownChannel): string => (isDirect ? 'Breakglass' : `#${name}`);

export const logOf = (channel: ShownChannel): string => `Messages in ${titleOf(channel)}`;

export interface Speaker {
  name: string;
  /** Which of the avatars' colours. */
  hue: number;
  is: 'person' | 'app' | 'slack';
  initials: string;
}

const HUES = 8;

/** Whoever said something: one of the cast, Slack itself, or else the app. */
export function speakerOf(user: string, { cast, names }: Pick<Everything, 'cast' | 'names'>): Speaker {
  if (user === SLACKBOT) return { name: 'Slackbot', hue: 0, is: 'slack', initials: 'S' };
  const place = cast.findIndex(({ id }) => id === user);
  const name = cast[place]?.name ?? names[user] ?? user;
  return { name, hue: Math.max(0, place) % HUES, is: place < 0 ? 'app' : 'person', initials: initialsOf(name) };
}

export const initialsOf = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');

/** The cast by what they do here, in the order in which they are needed. */
export function groupsOf<T extends { is: string }>(cast: readonly T[]): { title: string; members: T[] }[] {
  const groups = [
    { title: 'Ask for access', of: /^operator/ },
    { title: 'Agree, for us', of: /^(ops|security)/ },
    { title: 'Agree, for a tenant', of: /^owner/ },
    { title: 'Look on', of: /^auditor/ },
    { title: 'May do nothing', of: /^/ },
  ];
  const left = new Set(cast);
  return groups.flatMap(({ title, of }) => {
    const members = [...left].filter(({ is }) => of.test(is));
    for (const member of members) left.delete(member);
    return members.length > 0 ? [{ title, members }] : [];
  });
}

export const unreadWords = (count: number): string => (count > 0 ? `, ${count} unread` : '');

export const unreadIn = (channels: readonly ShownChannel[]): number =>
  channels.reduce((sum, { unread }) => sum + unread, 0);

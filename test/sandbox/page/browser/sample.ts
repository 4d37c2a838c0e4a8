import { type Happening, next, nothingYet, type Shown } from '../../../../sandbox/page/browser/state.ts';
import type {
  Everything,
  News,
  RequestBehind,
  ShownChannel,
  ShownMessage,
  Someone,
} from '../../../../sandbox/page/wire.ts';

/** What a window is told, with made-up people: the parts that a test is about are given. */

export const someone = (player: string, changes: Partial<Someone> = {}): Someone => ({
  id: `U${player.toUpperCase()}`,
  player,
  name: player.charAt(0).toUpperCase() + player.slice(1),
  is: 'operator',
  unread: 0,
  ...changes,
});

export const channel = (name: string, changes: Partial<ShownChannel> = {}): ShownChannel => ({
  id: `C${name.toUpperCase()}`,
  name,
  isDirect: false,
  isShared: false,
  unread: 0,
  ...changes,
});

export const dm = channel('breakglass', { id: 'DBOT', isDirect: true });
export const general = channel('general');

export const message = (ts: string, changes: Partial<ShownMessage> = {}): ShownMessage => ({
  channel: general.id,
  ts,
  at: '2026-11-21T09:15:00.000Z',
  user: 'UBOT',
  text: `message ${ts}`,
  blocks: [],
  edited: false,
  onlyYou: false,
  files: [],
  grant: null,
  ...changes,
});

export const everything = (changes: Partial<Everything> = {}): Everything => ({
  you: someone('olivia'),
  cast: [someone('olivia'), someone('anna', { is: 'owner of Acme' })],
  names: { UBOT: 'Breakglass' },
  commands: [
    { command: '/breakglass', description: 'Emergency access', usage: '[status [TENANT] | audit WORDS | end | help]' },
    { command: '/support-access', description: 'Support access', usage: '[status [TENANT] | end]' },
  ],
  channels: [general, dm],
  messages: [],
  views: [],
  machine: { now: '2026-11-21T09:15:00.000Z', aheadMs: 0, weather: 'fine', bots: [{ running: true, busy: false }] },
  behind: { requests: [], followed: null },
  tour: null,
  firstSteps: { asked: false, approved: false, over: false },
  ...changes,
});

export const request = (changes: Partial<RequestBehind> = {}): RequestBehind => ({
  grant: '1b0c',
  tenant: 'Acme Corp',
  scope: 'content_access',
  ticket: 'INC-1',
  requester: 'Olivia',
  state: 'requested',
  requestedAt: '2026-11-21T09:15:00.000Z',
  reason: 'The import corrupts documents',
  minutes: 60,
  lapsesAt: '2026-11-21T10:15:00.000Z',
  activatedAt: null,
  expiresAt: null,
  closedAt: null,
  legs: [],
  audit: [],
  notices: [],
  ...changes,
});

export const heard = (news: News, wanted: string | null = null, at = 0): Happening => ({
  kind: 'news',
  news,
  wanted,
  at,
});

/** A window that was told everything, and then what happened since. */
export const shownAfter = (first: Everything, ...since: Happening[]): Shown =>
  [heard({ kind: 'everything', everything: first }), ...since].reduce(next, nothingYet);

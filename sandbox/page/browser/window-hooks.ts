/** What one window does by itself: reads what is open, follows a request, goes where the tour is. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Everything } from '../wire.ts';
import { writeAddress } from './address.ts';
import type { Permalink } from './blocks/permalink.ts';
import type { Reader } from './blocks/reader.ts';
import { type Go, type Send, useIsVisible, useSandboxTime } from './hooks.ts';
import { unreadIn } from './names.ts';
import type { Shown } from './state.ts';
import type { Sought } from './window-focus.ts';

const MINUTE_MS = 60_000;

/** Who reads the messages: the cast's names, the sandbox's time to the minute, and `seek` for links to other messages. */
export function useReader(
  { machineAt }: Shown,
  { machine, names, cast, you: { player } }: Everything,
  seek: Sought['seek'] | undefined,
): Reader {
  const seeks = useRef(seek);
  seeks.current = seek;
  const mayFollow = seek !== undefined;
  const minute = Math.floor(useSandboxTime(machine, machineAt, MINUTE_MS / 4) / MINUTE_MS);
  return useMemo(() => {
    const nameOf = (id: string) => cast.find((one) => one.id === id)?.name ?? names[id];
    const wayTo = (to: Permalink) => ({
      href: writeAddress({ as: player, channel: to.channel, message: to.ts, tour: false }),
      open: () => seeks.current?.(to),
    });
    const people = cast.map(({ id, name }) => ({ id, name }));
    return { nameOf, now: new Date(minute * MINUTE_MS), people, wayTo: mayFollow ? wayTo : undefined };
  }, [names, cast, minute, player, mayFollow]);
}

/** Acts, and keeps the sentence of a refusal until anything else is done, or everything is told anew. */
export function useActs({ start }: Shown, send: Send): { said: string; say: (sentence: string) => void; act: Send } {
  const [said, setSaid] = useState('');
  useEffect(() => setSaid(''), [start]);
  useEffect(() => {
    if (said === '') return;
    const forget = () => setSaid('');
    addEventListener('pointerdown', forget);
    addEventListener('keydown', forget);
    return () => {
      removeEventListener('pointerdown', forget);
      removeEventListener('keydown', forget);
    };
  }, [said]);
  const act = useCallback<Send>(
    async (what) => {
      const outcome = await send(what);
      setSaid(outcome.kind === 'refused' ? outcome.why : '');
      return outcome;
    },
    [send],
  );
  return { said, say: setSaid, act };
}

/** Which request the panel follows; null follows the newest. A new line has to be told again; the tour chooses itself. */
export function useFollowed({ start, everything }: Shown, send: Send, watches: boolean) {
  const [follows, setFollows] = useState<string | null>(null);
  useEffect(() => {
    if (start > 0 && !watches) void send({ kind: 'follow', grant: follows });
  }, [start, follows, watches, send]);
  return [watches ? (everything?.tour?.grant ?? null) : follows, setFollows] as const;
}

/** A part that is open where there is room for it, unless somebody decides otherwise. */
export function useDrawer(whereThereIsRoom: string) {
  const [isOpen, setOpen] = useState(() => matchMedia(whereThereIsRoom).matches);
  useEffect(() => {
    const room = matchMedia(whereThereIsRoom);
    const onChange = () => setOpen(room.matches);
    room.addEventListener('change', onChange);
    return () => room.removeEventListener('change', onChange);
  }, [whereThereIsRoom]);
  return [isOpen, setOpen] as const;
}

/** Escape puts away what lies over the talk on a narrow window, the uppermost first; its button has the focus then. */
export function useEscape(drawers: readonly { title: string; covers: string; isOpen: boolean; toggle: () => void }[]) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isForOthers = event.defaultPrevented || document.querySelector('dialog:modal') !== null;
      if (event.key !== 'Escape' || event.isComposing || isForOthers) return;
      const over = drawers.find(({ isOpen, covers }) => isOpen && matchMedia(covers).matches);
      if (over === undefined) return;
      over.toggle();
      document.querySelector<HTMLElement>(`[data-drawer="${over.title}"]`)?.focus();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  });
}

/** Who sits here, and how much waits for them, among the other windows of the browser. */
export function useTitle({ you, channels }: Everything, watches: boolean): void {
  const unread = unreadIn(channels);
  const who = watches ? 'Tour' : `${you.name}${unread > 0 ? ` (${unread})` : ''}`;
  useEffect(() => {
    document.title = `${who} · Breakglass sandbox`;
  }, [who]);
}

/** What is open and seen is read. */
export function useReading({ channel, everything, isLost, isSomebodyElses }: Shown, send: Send, watches: boolean) {
  const isVisible = useIsVisible();
  const unread = everything?.channels.find(({ id }) => id === channel)?.unread ?? 0;
  const mayRead = isVisible && !isLost && !isSomebodyElses && !watches;
  useEffect(() => {
    if (mayRead && channel !== null && unread > 0) void send({ kind: 'read', channel });
  }, [mayRead, channel, unread, send]);
}

/** A window that watches the tour shows whom the scene is about, where it plays. */
export function useScene({ tour }: Everything, watches: boolean, go: Go): void {
  const player = tour?.scene?.player;
  const channel = tour?.scene?.channel ?? null;
  useEffect(() => {
    if (watches && player !== undefined) go({ as: player, channel }, 'replace');
  }, [watches, player, channel, go]);
}

/** What one window does by itself: reads what is open, follows a request, goes where the tour is. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Everything } from '../wire.ts';
import type { Reader } from './blocks/reader.ts';
import { type Go, type Send, useIsVisible, useSandboxTime } from './hooks.ts';
import type { Shown } from './state.ts';

const MINUTE_MS = 60_000;

/** Who reads the messages: the cast's names, and the sandbox's time to the minute. */
export function useReader({ machineAt }: Shown, { machine, names, cast }: Everything): Reader {
  const minute = Math.floor(useSandboxTime(machine, machineAt, MINUTE_MS / 4) / MINUTE_MS);
  return useMemo(() => {
    const nameOf = (id: string) => cast.find((one) => one.id === id)?.name ?? names[id];
    return { nameOf, now: new Date(minute * MINUTE_MS), people: cast.map(({ id, name }) => ({ id, name })) };
  }, [names, cast, minute]);
}

/** Acts, and keeps the sentence of a refusal until something else is done, or everything is told anew. */
export function useActs({ start }: Shown, send: Send): { said: string; act: Send } {
  const [said, setSaid] = useState('');
  useEffect(() => setSaid(''), [start]);
  const act = useCallback<Send>(
    async (what) => {
      const outcome = await send(what);
      setSaid(outcome.kind === 'refused' ? outcome.why : '');
      return outcome;
    },
    [send],
  );
  return { said, act };
}

/** Which request the panel follows; null follows the newest. A new line has to be told again. */
export function useFollowed({ start }: Shown, send: Send, watches: boolean) {
  const [follows, setFollows] = useState<string | null>(null);
  useEffect(() => {
    if (start > 0 && !watches) void send({ kind: 'follow', grant: follows });
  }, [start, follows, watches, send]);
  return [follows, setFollows] as const;
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

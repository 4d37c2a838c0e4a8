/** The parts of a window that can be put away, and the ways that lead to them, with the focus. */
import type { Everything } from '../wire.ts';
import type { Address } from './address.ts';
import type { Drawer } from './header.tsx';
import { type Go, useKept } from './hooks.ts';
import { unreadIn } from './names.ts';
import type { Shown } from './state.ts';
import { useGoal } from './window-focus.ts';
import { useDrawer, useEscape } from './window-hooks.ts';

const ROOM_FOR_CHANNELS = '(min-width: 700px)';
const ROOM_FOR_PANEL = '(min-width: 1000px)';

const hasRoom = (room: string) => matchMedia(room).matches;

interface Where {
  shown: Shown;
  everything: Everything;
  address: Address;
  go: Go;
}

export function useWays(where: Where) {
  const { shown, address, go } = where;
  const parts = useParts(where);
  const lead = useGoal(shown);
  const toField = () => {
    if (!hasRoom(ROOM_FOR_CHANNELS)) parts.side.close();
    if (!hasRoom(ROOM_FOR_PANEL)) parts.panel.close();
    lead({ on: 'field' });
  };
  const toPanel = () => {
    parts.panel.open();
    lead({ on: 'panel' });
  };
  const skips = [
    ...(address.tour ? [] : [{ title: 'To the message field', skip: toField }]),
    { title: 'To the panel', skip: toPanel },
  ];
  const openChannel = (channel: string) => {
    go({ channel });
    if (hasRoom(ROOM_FOR_CHANNELS)) return;
    parts.side.close();
    lead({ on: 'log', channel });
  };
  const hideSteps = () => {
    parts.steps.close();
    lead({ on: 'field' });
  };
  const drawers = [parts.side, ...(address.tour ? [] : [parts.steps]), parts.panel];
  return { parts, drawers, skips, openChannel, hideSteps, be: useBecoming(where, lead) };
}

/** Makes this window another person. Whoever is that person already is led to where they begin. */
function useBecoming({ everything, address, go }: Where, lead: ReturnType<typeof useGoal>) {
  return (player: string, place: string | null) => {
    const direct = everything.channels.find(({ isDirect }) => isDirect)?.id ?? null;
    const channel = place ?? (player === address.as ? direct : null);
    go({ as: player, channel });
    lead({ on: 'field', player, channel });
  };
}

function useParts({ shown, everything }: Where) {
  const unread = unreadIn(everything.channels.filter(({ id }) => id !== shown.channel));
  const side = part({ title: 'Channels', narrow: true, unread }, useDrawer(ROOM_FOR_CHANNELS));
  const steps = part({ title: 'First steps', narrow: false, unread: 0 }, useKept('first-steps', true));
  const panel = part({ title: 'Panel', narrow: false, unread: 0 }, useDrawer(ROOM_FOR_PANEL));
  useEscape([
    { ...side, covers: `not all and ${ROOM_FOR_CHANNELS}` },
    { ...panel, covers: `not all and ${ROOM_FOR_PANEL}` },
  ]);
  return { side, steps, panel };
}

const part = (
  drawer: Pick<Drawer, 'title' | 'narrow' | 'unread'>,
  [isOpen, set]: readonly [boolean, (to: boolean) => void],
) => ({ ...drawer, isOpen, toggle: () => set(!isOpen), open: () => set(true), close: () => set(false) });

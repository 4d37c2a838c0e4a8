import type { JSX } from 'preact';
import type { Everything, Machine } from '../wire.ts';
import { type Go, useSandboxTime } from './hooks.ts';
import { lengthOfTime, shortDay, timeToTheSecond } from './moments.ts';
import { unreadWords } from './names.ts';
import type { Shown } from './state.ts';
import { Switch } from './switch.tsx';

interface HeaderProps {
  shown: Shown;
  everything: Everything;
  as: string;
  go: Go;
  watches: boolean;
  drawers: readonly Drawer[];
  /** Ways past all that stands here. */
  skips: readonly { title: string; skip: () => void }[];
}

/** A part of the window that can be put away. */
export interface Drawer {
  title: string;
  /** Where it is shown only on a narrow window. */
  narrow: boolean;
  isOpen: boolean;
  /** How much is new in it. */
  unread: number;
  toggle: () => void;
}

export function Header({ shown, everything, as, go, watches, drawers, skips }: HeaderProps): JSX.Element {
  return (
    <header class="top">
      <div class="skips">
        {skips.map(({ title, skip }) => (
          <button key={title} type="button" onClick={skip}>
            {title}
          </button>
        ))}
      </div>
      <h1>
        <BrokenGlass />
        <span class="brand">Breakglass</span> <span class="place">sandbox</span>
      </h1>
      <Switch
        cast={everything.cast}
        as={as}
        onSwitch={(player) => go({ as: player, channel: null })}
        disabled={watches}
      />
      <Clock machine={everything.machine} machineAt={shown.machineAt} />
      <div class="drawers">
        {drawers.map((drawer) => (
          <DrawerButton key={drawer.title} {...drawer} />
        ))}
      </div>
    </header>
  );
}

const DrawerButton = ({ title, narrow, isOpen, unread, toggle }: Drawer) => (
  <button
    type="button"
    class={narrow ? 'narrow' : ''}
    data-drawer={title}
    aria-label={`${title}${unreadWords(unread)}`}
    aria-expanded={isOpen}
    onClick={toggle}
  >
    {title}
    {unread > 0 && <span class="count" data-count={unread} />}
  </button>
);

export const BrokenGlass = (): JSX.Element => (
  <svg class="glass" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d="M4 3h16v7l-5 3 1-5-5 4-1-6-2 7-4-2z" />
    <path d="M4 14l3 2 2-1 1 4 4-4 2 2 4-3v7H4z" />
  </svg>
);

/** Less than this is no move of the clock. */
const MOVED_MS = 1_000;

/** The sandbox's own time, which the controls move. */
function Clock({ machine, machineAt }: { machine: Machine; machineAt: number }): JSX.Element {
  const now = useSandboxTime(machine, machineAt, 1_000);
  return (
    <p class="clock">
      <span class="visually-hidden">The sandbox's clock: </span>
      <time dateTime={new Date(now).toISOString()}>
        <span class="day">{shortDay(now)} </span>
        {timeToTheSecond(now)}
      </time>
      {machine.aheadMs >= MOVED_MS && <span class="ahead">{`${lengthOfTime(machine.aheadMs)} ahead`}</span>}
    </p>
  );
}

/** Where the focus is after what had it went away, and after somebody was led elsewhere: never nowhere. */
import { useCallback, useEffect, useLayoutEffect, useState } from 'preact/hooks';
import type { Go } from './hooks.ts';
import { hasMessage, type Shown } from './state.ts';

/** The parts that the focus is led to, by their ids. */
export const spots = { field: 'message-field', log: 'messages', panel: 'panel' } as const;

export interface Goal {
  on: keyof typeof spots;
  /** Not before this person's window is there. */
  player?: string;
  /** Not before this channel is open: its id or its name. */
  channel?: string | null;
}

/** A way to lead the focus to a part that may be yet to come. */
export function useGoal(shown: Shown): (goal: Goal) => void {
  const [goal, setGoal] = useState<Goal | null>(null);
  const isThere = goal !== null && isShown(shown, goal);
  useLayoutEffect(() => {
    if (!isThere) return;
    document.getElementById(spots[goal.on])?.focus();
    setGoal(null);
  }, [isThere, goal]);
  return setGoal;
}

function isShown({ everything, channel: open, isSomebodyElses }: Shown, { player, channel = null }: Goal): boolean {
  const at = everything?.channels.find(({ id }) => id === open);
  const isTheirs = player === undefined || everything?.you.player === player;
  return !isSomebodyElses && isTheirs && (channel === null || at?.id === channel || at?.name === channel);
}

/** What had the focus in the log, and the article around it. */
interface Held {
  element: Element;
  article: HTMLElement | null;
}

/** Gives the focus to the message whose focused button vanished, or else to the log; a modal in between changes nothing. */
export function useFocusKept(log: { readonly current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    let held: Held | null = null;
    const onFocus = ({ target }: FocusEvent) => {
      if (!(target instanceof Element) || target.closest('dialog') !== null) return;
      const isOurs = log.current?.contains(target) && target !== log.current;
      held = isOurs ? { element: target, article: target.closest('article') } : null;
    };
    // Whoever clicks beside it has left it.
    const onPointer = ({ target }: PointerEvent) => {
      const isOn = target instanceof Element && (target.closest('dialog') !== null || held?.element.contains(target));
      if (!isOn) held = null;
    };
    const changes = new MutationObserver(() => {
      if (held === null || held.element.isConnected || document.querySelector('dialog:modal') !== null) return;
      const { article } = held;
      held = null;
      if (document.activeElement !== document.body) return;
      (article?.isConnected ? article : log.current)?.focus({ preventScroll: true });
    });
    changes.observe(document.body, { childList: true, subtree: true });
    document.addEventListener('focusin', onFocus);
    document.addEventListener('pointerdown', onPointer);
    return () => {
      changes.disconnect();
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('pointerdown', onPointer);
    };
  }, [log]);
}

const NOT_THERE = 'That message is not there.';

/** A message of the address, once it can be shown, and how to be led to another. */
export interface Sought {
  /** The `ts` of what is to be found in the open channel. */
  message: string | null;
  found: () => void;
  seek: (message: { channel: string; ts: string }) => void;
}

/** Looks for the message that the address names. Where it is not there for this person, `say` tells. */
export function useSought(
  { everything, channel, isSomebodyElses }: Shown,
  wanted: { channel: string | null; message: string | null },
  go: Go,
  say: (sentence: string) => void,
): Sought {
  const has = (ts: string, where: string | null) =>
    everything !== null && where !== null && hasMessage(everything, { channel: where, ts });
  const { message } = wanted;
  const isGone = !isSomebodyElses && message !== null && !has(message, wanted.channel);
  useEffect(() => {
    if (!isGone) return;
    say(NOT_THERE);
    go({ message: null, channel }, 'replace');
  }, [isGone, channel, go, say]);
  const found = useCallback(() => go({ message: null }, 'replace'), [go]);
  const seek = (to: { channel: string; ts: string }) =>
    has(to.ts, to.channel) ? go({ channel: to.channel, message: to.ts }) : say(NOT_THERE);
  const isOpen = !isSomebodyElses && channel === wanted.channel;
  return { message: isOpen ? message : null, found, seek };
}

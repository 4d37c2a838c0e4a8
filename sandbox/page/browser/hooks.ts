/** What the parts of the page live on: the address, the line to the sandbox, the clock, the size of the window. */
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { Act, Machine, Outcome } from '../wire.ts';
import { type Address, FIRST, lineAddress, readAddress, writeAddress } from './address.ts';
import { type Line, openLine } from './live.ts';
import { type Happening, next, nothingYet, type Shown, sandboxTime } from './state.ts';

export type Send = (act: Act) => Promise<Outcome>;
export type Go = (to: Partial<Address>, how?: 'push' | 'replace') => void;

/** The address, and how to change it; the browser's back and forward change it too. */
export function useAddress(): [Address, Go] {
  const [address, setAddress] = useState(() => readAddress(location.search));
  useEffect(() => {
    const onPop = () => setAddress(readAddress(location.search));
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  const go = useCallback<Go>((to, how = 'push') => {
    const target = { ...readAddress(location.search), ...to };
    // The way back has no steps that lead nowhere.
    if (writeAddress(target) === writeAddress(readAddress(location.search))) return;
    history[how === 'push' ? 'pushState' : 'replaceState'](null, '', writeAddress(target));
    setAddress(target);
  }, []);
  return [address, go];
}

/** What this window shows, and the line by which its person acts. Another person is another line. */
export function useLive(address: Address, go: Go): { shown: Shown; send: Send; tell: (happening: Happening) => void } {
  const [shown, tell] = useReducer(next, nothingYet);
  const line = useRef<Line | null>(null);
  const wanted = useRef(address.channel);
  wanted.current = address.channel;
  const url = lineAddress(location.host, address);
  useEffect(() => {
    tell({ kind: 'switched' });
    const opened = openLine({
      connect: () => new WebSocket(url),
      onNews: (news) => tell({ kind: 'news', news, wanted: wanted.current, at: performance.now() }),
      onLine: (isThere) => tell({ kind: 'line', isThere }),
      onNobody: () => go({ as: FIRST }, 'replace'),
    });
    line.current = opened;
    return () => opened.hangUp();
  }, [url, go]);
  const send = useCallback<Send>(
    (act) => line.current?.send(act) ?? Promise.resolve({ kind: 'refused', why: 'The page is still starting.' }),
    [],
  );
  return { shown, send, tell };
}

/** The sandbox's time (ms), looked at again every so often. */
export function useSandboxTime(machine: Machine, machineAt: number, everyMs: number): number {
  const [, look] = useReducer((looks: number) => looks + 1, 0);
  useEffect(() => {
    const timer = setInterval(look, everyMs, null);
    return () => clearInterval(timer);
  }, [everyMs]);
  return sandboxTime(machine.now, machineAt, performance.now());
}

/** Whether somebody can see this window now. */
export function useIsVisible(): boolean {
  const [isVisible, setVisible] = useState(() => document.visibilityState === 'visible');
  useEffect(() => {
    const onChange = () => setVisible(document.visibilityState === 'visible');
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, []);
  return isVisible;
}

/** A choice that outlives the visit, where the browser lets us keep it. */
export function useKept(name: string, start: boolean): [boolean, (to: boolean) => void] {
  const [value, setValue] = useState(() => kept(name) ?? start);
  const set = useCallback(
    (to: boolean) => {
      setValue(to);
      try {
        localStorage.setItem(name, String(to));
      } catch {
        // A browser that keeps nothing: the choice holds until the page is closed.
      }
    },
    [name],
  );
  return useMemo(() => [value, set], [value, set]);
}

function kept(name: string): boolean | undefined {
  try {
    const value = localStorage.getItem(name);
    return value === null ? undefined : value === 'true';
  } catch {
    return undefined;
  }
}

import type { JSX, TargetedEvent } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Someone } from '../wire.ts';
import { writeAddress } from './address.ts';
import { groupsOf, unreadWords } from './names.ts';

/** How long after a key it is clear that no more letters of a name come (ms). */
const PAUSE_MS = 600;

interface SwitchProps {
  cast: readonly Someone[];
  /** The key of who sits here. */
  as: string;
  onSwitch: (player: string) => void;
  disabled: boolean;
}

/** Who the visitor is, and a second window for somebody else. */
export function Switch({ cast, as, onSwitch, disabled }: SwitchProps): JSX.Element {
  const id = useId();
  const choice = useChoice(as, onSwitch);
  const waiting = cast.filter(({ player, unread }) => player !== as && unread > 0);
  const other = waiting[0] ?? cast.find(({ player }) => player !== as);
  return (
    <div class="switch">
      <label for={id}>You are</label>
      <span class="select">
        <select id={id} disabled={disabled} {...choice}>
          {groupsOf(cast).map(({ title, members }) => (
            <optgroup key={title} label={title}>
              {members.map((one) => (
                <option key={one.player} value={one.player}>
                  {`${one.name}, ${one.is}${unreadWords(one.player === as ? 0 : one.unread)}`}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </span>
      {waiting.length > 0 && (
        <span class="waiting" title={waiting.map(({ name, unread }) => `${name}${unreadWords(unread)}`).join('\n')}>
          {`${waiting.length} ${waiting.length === 1 ? 'other has' : 'others have'} unread`}
        </span>
      )}
      {other && !disabled && (
        <a
          class="another"
          href={writeAddress({ as: other.player, channel: null, message: null, tour: false })}
          target="_blank"
          rel="noopener"
          title={`${other.name}, ${other.is}`}
        >
          {`Open a window as ${other.name}`}
        </a>
      )}
    </div>
  );
}

/** The choice by keys counts after a pause, or when they leave: each letter of a name chooses somebody on the way. */
function useChoice(as: string, onSwitch: (player: string) => void) {
  const [chosen, setChosen] = useState<string | null>(null);
  const pause = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isByKey = useRef(false);
  const stop = () => clearTimeout(pause.current);
  useEffect(() => {
    setChosen(null);
    return stop;
  }, [as]);
  const decide = (player: string | null) => {
    stop();
    if (player !== null && player !== as) onSwitch(player);
    else setChosen(null);
  };
  const wait = (player: string) => {
    stop();
    pause.current = setTimeout(decide, PAUSE_MS, player);
  };
  return {
    value: chosen ?? as,
    onKeyDown: () => {
      isByKey.current = true;
      if (chosen !== null) wait(chosen);
    },
    onPointerDown: () => {
      isByKey.current = false;
    },
    onChange: ({ currentTarget: { value } }: TargetedEvent<HTMLSelectElement>) => {
      setChosen(value);
      if (isByKey.current) wait(value);
      else decide(value);
    },
    onBlur: () => decide(chosen),
  };
}

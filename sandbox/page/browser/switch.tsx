import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Someone } from '../wire.ts';
import { writeAddress } from './address.ts';
import { groupsOf, unreadWords } from './names.ts';

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
  const waiting = cast.filter(({ player, unread }) => player !== as && unread > 0);
  const other = waiting[0] ?? cast.find(({ player }) => player !== as);
  return (
    <div class="switch">
      <label for={id}>You are</label>
      <span class="select">
        <select id={id} value={as} disabled={disabled} onChange={(event) => onSwitch(event.currentTarget.value)}>
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
          href={writeAddress({ as: other.player, channel: null, tour: false })}
          target="_blank"
          rel="noopener"
          title={`As ${other.name}, ${other.is}`}
        >
          Open another window
        </a>
      )}
    </div>
  );
}

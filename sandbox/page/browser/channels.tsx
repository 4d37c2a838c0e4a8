import type { JSX } from 'preact';
import type { ShownChannel } from '../wire.ts';
import { titleOf, unreadWords } from './names.ts';

interface ChannelsProps {
  channels: readonly ShownChannel[];
  open: string | null;
  onOpen: (channel: string) => void;
}

export function Channels({ channels, open, onOpen }: ChannelsProps): JSX.Element {
  const list = (title: string, which: readonly ShownChannel[]) =>
    which.length > 0 && (
      <>
        <h2>{title}</h2>
        <ul>
          {which.map((channel) => (
            <li key={channel.id}>
              <Place channel={channel} isOpen={channel.id === open} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      </>
    );
  return (
    <nav class="side" aria-label="Channels">
      {list(
        'Channels',
        channels.filter(({ isDirect }) => !isDirect),
      )}
      {list(
        'Direct messages',
        channels.filter(({ isDirect }) => isDirect),
      )}
    </nav>
  );
}

const TwoWindows = () => (
  <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d="M5.5 5.5v-3h8v8h-3m-8-5h8v8h-8z" />
  </svg>
);

interface PlaceProps {
  channel: ShownChannel;
  isOpen: boolean;
  onOpen: (channel: string) => void;
}

function Place({ channel, isOpen, onOpen }: PlaceProps): JSX.Element {
  const { isShared } = channel;
  // What is open is before one's eyes.
  const unread = isOpen ? 0 : channel.unread;
  const name = `${titleOf(channel)}${isShared ? ', shared with another company' : ''}${unreadWords(unread)}`;
  return (
    <button
      type="button"
      class={unread > 0 ? 'place unread' : 'place'}
      aria-label={name}
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onOpen(channel.id)}
    >
      <span class="sign" aria-hidden="true">
        {channel.isDirect ? '●' : '#'}
      </span>
      <span class="name">{channel.isDirect ? 'Breakglass' : channel.name}</span>
      {isShared && (
        <span class="shared" title="Shared with another company" aria-hidden="true">
          <TwoWindows />
        </span>
      )}
      {unread > 0 && <span class="count" data-count={unread} />}
    </button>
  );
}

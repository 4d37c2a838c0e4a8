import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Everything, ShownMessage } from '../wire.ts';
import { Blocks } from './blocks/blocks.tsx';
import { Mrkdwn } from './blocks/mrkdwn.tsx';
import type { Reader } from './blocks/reader.ts';
import { Refusable } from './blocks/refusable.tsx';
import { BrokenGlass } from './header.tsx';
import type { Send } from './hooks.ts';
import { moment, timeOfDay } from './moments.ts';
import { type Speaker, speakerOf } from './names.ts';

interface MessageProps {
  message: ShownMessage;
  everything: Everything;
  reader: Reader;
  act: Send | undefined;
  presses: string | null;
  /** Shows a request in the panel; undefined where the window only watches. */
  follow: ((grant: string) => void) | undefined;
}

export function MessageArticle({ message, everything, reader, act, presses, follow }: MessageProps): JSX.Element {
  const speaker = speakerOf(message.user, everything);
  const { grant } = message;
  const body = useRef<HTMLDivElement>(null);
  useMarked(body, presses);
  return (
    <article
      class={message.onlyYou ? 'message only-you' : 'message'}
      aria-label={`${speaker.name} at ${timeOfDay(message.at)}`}
      data-ts={message.ts}
      tabIndex={-1}
    >
      {message.onlyYou && <p class="only">Only visible to you</p>}
      <Avatar speaker={speaker} />
      <div class="what">
        <p class="by">
          <span class="name">{speaker.name}</span>
          {speaker.is === 'app' && <span class="app">APP</span>}
          <time dateTime={message.at} title={moment(message.at)}>
            {timeOfDay(message.at)}
          </time>
          {grant !== null && follow && (
            <button type="button" class="behind" onClick={() => follow(grant)}>
              Show in panel
            </button>
          )}
        </p>
        <div class="body" ref={body}>
          <Refusable>
            <Said message={message} reader={reader} act={act} />
          </Refusable>
        </div>
        {message.edited && <span class="edited">(edited)</span>}
        <Files message={message} as={everything.you.player} />
      </div>
    </article>
  );
}

function Said({ message, reader, act }: Pick<MessageProps, 'message' | 'reader' | 'act'>): JSX.Element {
  if (message.blocks.length === 0) {
    return (
      <div class="text">
        <Mrkdwn text={message.text} reader={reader} />
      </div>
    );
  }
  const { channel, ts } = message;
  const press = act
    ? async (block: string, action: string, pick: { value?: string; choose?: string }) => {
        await act({ kind: 'press', channel, ts, block, action, ...pick });
      }
    : undefined;
  return <Blocks blocks={message.blocks} reader={reader} press={press} />;
}

function Files({ message, as }: { message: ShownMessage; as: string }): JSX.Element | null {
  if (message.files.length === 0) return null;
  return (
    <ul class="files">
      {message.files.map(({ id, name, size }) => (
        <li key={id}>
          <a href={`/files/${encodeURIComponent(id)}?as=${encodeURIComponent(as)}`} download={name}>
            {name}
          </a>
          <span class="size">{sizeInWords(size)}</span>
        </li>
      ))}
    </ul>
  );
}

const sizeInWords = (bytes: number) => (bytes < 1024 ? `${bytes} bytes` : `${Math.ceil(bytes / 1024)} kB`);

const Avatar = ({ speaker }: { speaker: Speaker }) => (
  <span class={`avatar ${speaker.is} hue-${speaker.hue}`} aria-hidden="true">
    {speaker.is === 'app' ? <BrokenGlass /> : speaker.initials}
  </span>
);

/** Marks the button that the tour is about to press. */
function useMarked(body: { current: HTMLElement | null }, presses: string | null): void {
  useLayoutEffect(() => {
    const button = [...(body.current?.querySelectorAll('button') ?? [])].find(
      ({ textContent }) => presses !== null && textContent?.trim() === presses,
    );
    button?.classList.add('pressed-next');
    return () => button?.classList.remove('pressed-next');
  });
}

import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Everything, ShownChannel, ShownMessage } from '../wire.ts';
import type { Reader } from './blocks/reader.ts';
import type { Send } from './hooks.ts';
import { MessageArticle } from './message.tsx';
import { day } from './moments.ts';
import { logOf, titleOf } from './names.ts';
import { type Sought, spots, useFocusKept } from './window-focus.ts';

interface MessagesProps {
  channel: ShownChannel;
  messages: readonly ShownMessage[];
  everything: Everything;
  reader: Reader;
  /** Without it, the messages are only looked at. */
  act: Send | undefined;
  /** The label of the button that the tour is about to press. */
  presses: string | null;
  /** Shows a grant in the panel. */
  follow: ((grant: string) => void) | undefined;
  /** The one to be led to. */
  sought: Pick<Sought, 'message' | 'found'>;
}

/** How close to the end still counts as being there (px). */
const NEAR = 48;

export function Messages({ channel, messages, sought, ...rest }: MessagesProps): JSX.Element {
  const { log, hasNew, toEnd, look } = useEnd(messages);
  useFocusKept(log);
  useFound(log, sought, look);
  const { presses } = rest;
  const pressed = presses === null ? undefined : messages.findLast((message) => hasButton(message, presses));
  return (
    <section class="messages" aria-label={`Conversation: ${titleOf(channel)}`}>
      <h2 class="channel-title">
        {titleOf(channel)} {channel.isShared && <span class="note">shared with another company</span>}
        {channel.isDirect && <span class="note">between you and the app</span>}
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard */}
      <div class="log" id={spots.log} role="log" aria-label={logOf(channel)} tabIndex={0} ref={log}>
        {messages.length === 0 && <Nothing channel={channel} />}
        {messages.map((message, place) => {
          const begins = day(message.at);
          const before = messages[place - 1];
          return (
            <div key={message.ts}>
              {(before === undefined || day(before.at) !== begins) && (
                <p class="day">
                  <span>{begins}</span>
                </p>
              )}
              <MessageArticle message={message} {...rest} presses={message === pressed ? presses : null} />
            </div>
          );
        })}
      </div>
      {hasNew && (
        <button type="button" class="new-messages" onClick={toEnd}>
          New messages ↓
        </button>
      )}
    </section>
  );
}

const hasButton = ({ blocks }: ShownMessage, label: string) => JSON.stringify(blocks).includes(JSON.stringify(label));

const Nothing = ({ channel }: { channel: ShownChannel }) => (
  <p class="nothing">
    {channel.isDirect
      ? 'Nothing yet. What the app has to say to you alone comes here. Operators type /breakglass below to ask for access.'
      : `Nothing was said in ${titleOf(channel)} yet.`}
  </p>
);

/** Stays at the newest message, unless the reader went up to read: then it says that there is something new. */
function useEnd(messages: readonly ShownMessage[]) {
  const log = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const count = useRef(0);
  const [hasNew, setHasNew] = useState(false);
  /** Sees where the reader is now. */
  const look = useCallback(() => {
    const area = log.current;
    if (area === null) return;
    isAtEnd.current = area.scrollHeight - area.scrollTop - area.clientHeight < NEAR;
    if (isAtEnd.current) setHasNew(false);
  }, []);
  useLayoutEffect(() => {
    const area = log.current;
    if (area === null) return;
    // What changes its size (a card with new buttons, a narrower window) must not push the newest out of sight.
    const sizes = new ResizeObserver(() => {
      if (isAtEnd.current) area.scrollTop = area.scrollHeight;
    });
    sizes.observe(area);
    area.addEventListener('scroll', look, { passive: true });
    return () => {
      sizes.disconnect();
      area.removeEventListener('scroll', look);
    };
  }, [look]);
  useLayoutEffect(() => {
    const area = log.current;
    const grew = messages.length > count.current;
    count.current = messages.length;
    if (area === null) return;
    if (isAtEnd.current) area.scrollTop = area.scrollHeight;
    else if (grew) setHasNew(true);
  }, [messages]);
  const toEnd = () => {
    const area = log.current;
    if (area === null) return;
    area.scrollTop = area.scrollHeight;
    area.focus();
    setHasNew(false);
  };
  return { log, hasNew, toEnd, look };
}

/** Leads to the message that is looked for: it is scrolled to, and has the focus. */
function useFound(
  log: { readonly current: HTMLElement | null },
  { message, found }: MessagesProps['sought'],
  look: () => void,
): void {
  useLayoutEffect(() => {
    if (message === null) return;
    const article = log.current?.querySelector<HTMLElement>(`[data-ts="${CSS.escape(message)}"]`);
    article?.scrollIntoView({ block: 'center' });
    article?.focus({ preventScroll: true });
    // Otherwise what comes before the browser tells of the scrolling would go back to the end.
    look();
    found();
  }, [message]);
}

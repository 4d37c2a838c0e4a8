import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Everything } from '../wire.ts';
import type { Address } from './address.ts';
import { Banner } from './banner.tsx';
import { type Live, ModalStack } from './blocks/modal.tsx';
import type { Reader } from './blocks/reader.ts';
import { Refusable } from './blocks/refusable.tsx';
import { Channels } from './channels.tsx';
import { Composer } from './composer.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Header } from './header.tsx';
import { type Go, type Send, useAddress, useLive } from './hooks.ts';
import { Messages } from './messages.tsx';
import { Panel } from './panel.tsx';
import { messagesIn, type Shown } from './state.ts';
import { Tour, TypedCommand, windowClass } from './tour.tsx';
import { type Sought, useSought } from './window-focus.ts';
import { useActs, useFollowed, useReader, useReading, useScene, useTitle } from './window-hooks.ts';
import { useWays } from './window-ways.ts';

/** One window: one person's Slack, and what is behind it. */
export function App(): JSX.Element {
  const [address, go] = useAddress();
  const { shown, send, tell } = useLive(address, go);
  const { everything } = shown;
  // Back and forward may lead to another channel of the same person.
  useEffect(() => {
    if (address.channel !== null) tell({ kind: 'opened', channel: address.channel });
  }, [address.channel, tell]);
  if (everything === null) return <Starting />;
  return <Window {...{ shown, everything, send, go, address }} />;
}

const Starting = () => (
  <main class="starting" aria-busy="true">
    <h1>Breakglass sandbox</h1>
    <p role="status">Waiting for the sandbox.</p>
  </main>
);

interface WindowProps {
  shown: Shown;
  everything: Everything;
  send: Send;
  go: Go;
  address: Address;
}

function Window({ shown, everything, send, go, address }: WindowProps): JSX.Element {
  const { as, tour: watches } = address;
  const { said, say, act } = useActs(shown, send);
  const [follows, setFollows] = useFollowed(shown, send, watches);
  useReading(shown, send, watches);
  useScene(everything, watches, go);
  useTitle(everything, watches);
  const sought = useSought(shown, address, go, say);
  const { parts, ...ways } = useWays({ shown, everything, address, go });
  const follow = (grant: string) => {
    setFollows(grant);
    parts.panel.open();
  };
  return (
    <div class={windowClass(watches, everything.tour)}>
      <Header {...{ shown, everything, as, go, watches }} drawers={ways.drawers} skips={ways.skips} />
      <Banner isLost={shown.isLost} machine={everything.machine} />
      <div class="said" role="status">
        {said !== '' && <p>{said}</p>}
      </div>
      {watches && <Tour tour={everything.tour} send={act} go={go} />}
      <div class="columns" inert={shown.isSomebodyElses}>
        {parts.side.isOpen && (
          <Channels channels={everything.channels} open={shown.channel} onOpen={ways.openChannel} />
        )}
        <main class="talk" aria-label={everything.you.name}>
          {parts.steps.isOpen && !watches && (
            <FirstSteps {...{ everything, go }} be={ways.be} send={act} hide={ways.hideSteps} />
          )}
          <Talk {...{ shown, everything, act, send, watches, sought }} follow={watches ? undefined : follow} />
        </main>
        {parts.panel.isOpen && (
          <Refusable what="window">
            <Panel {...{ shown, everything, follows, setFollows, watches }} send={act} />
          </Refusable>
        )}
      </div>
    </div>
  );
}

interface TalkProps {
  shown: Shown;
  everything: Everything;
  send: Send;
  /** The same, with the sentence of a refusal shown. */
  act: Send;
  follow: ((grant: string) => void) | undefined;
  watches: boolean;
  sought: Sought;
}

/** The open channel: what was said there, where to type, and the person's modals on top. */
function Talk({ shown, everything, send, act, follow, watches, sought }: TalkProps): JSX.Element {
  const reader = useReader(shown, everything, watches ? undefined : sought.seek);
  const open = everything.channels.find(({ id }) => id === shown.channel);
  const presses = (watches && everything.tour?.presses) || null;
  return (
    <>
      {open && (
        <Messages
          key={`${everything.you.id} ${open.id}`}
          channel={open}
          messages={messagesIn(shown, open.id)}
          act={watches ? undefined : act}
          {...{ everything, reader, presses, follow, sought }}
        />
      )}
      {open && watches && everything.tour && <TypedCommand channel={open} types={everything.tour.types} />}
      {open && !watches && <Composer key={`to ${open.id}`} channel={open} everything={everything} send={send} />}
      {!shown.isSomebodyElses && (
        <Refusable what="window">
          <Modals views={everything.views} reader={reader} send={send} readOnly={watches} />
        </Refusable>
      )}
    </>
  );
}

interface ModalsProps {
  views: Everything['views'];
  reader: Reader;
  send: Send;
  readOnly: boolean;
}

function Modals({ views, reader, send, readOnly }: ModalsProps): JSX.Element {
  const live = useMemo(
    (): Live => ({
      press: (said) => send({ kind: 'press_in_view', ...said }),
      choose: (said) => send({ kind: 'choose', ...said }),
      fill: (said) => send({ kind: 'fill', ...said }),
      options: (said) => send({ kind: 'options', ...said }),
      submit: (said) => send({ kind: 'submit', ...said }),
      close: (said) => send({ kind: 'close', ...said }),
    }),
    [send],
  );
  return <ModalStack views={views} reader={reader} live={live} readOnly={readOnly} />;
}

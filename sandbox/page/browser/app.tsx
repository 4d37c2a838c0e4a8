import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Everything } from '../wire.ts';
import { Banner } from './banner.tsx';
import { type Live, ModalStack } from './blocks/modal.tsx';
import type { Reader } from './blocks/reader.ts';
import { Refusable } from './blocks/refusable.tsx';
import { Channels } from './channels.tsx';
import { Composer } from './composer.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Header } from './header.tsx';
import { type Go, type Send, useAddress, useKept, useLive } from './hooks.ts';
import { Messages } from './messages.tsx';
import { Panel } from './panel.tsx';
import { messagesIn, type Shown } from './state.ts';
import { Tour } from './tour.tsx';
import { useActs, useDrawer, useFollowed, useReader, useReading, useScene } from './window-hooks.ts';

const ROOM_FOR_CHANNELS = '(min-width: 700px)';

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
  return <Window shown={shown} everything={everything} send={send} go={go} watches={address.tour} as={address.as} />;
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
  /** This window only watches the tour. */
  watches: boolean;
  as: string;
}

function Window({ shown, everything, send, go, watches, as }: WindowProps): JSX.Element {
  const { said, act } = useActs(shown, send);
  const [follows, setFollows] = useFollowed(shown, send, watches);
  const [panel, setPanel] = useDrawer('(min-width: 1000px)');
  const [side, setSide] = useDrawer(ROOM_FOR_CHANNELS);
  const [steps, setSteps] = useKept('first-steps', true);
  useReading(shown, send, watches);
  useScene(everything, watches, go);
  const openChannel = (channel: string) => {
    go({ channel });
    setSide(matchMedia(ROOM_FOR_CHANNELS).matches);
  };
  const follow = (grant: string) => {
    setFollows(grant);
    setPanel(true);
  };
  const drawers = [
    { title: 'Channels', narrow: true, isOpen: side, toggle: () => setSide(!side) },
    ...(watches ? [] : [{ title: 'First steps', narrow: false, isOpen: steps, toggle: () => setSteps(!steps) }]),
    { title: 'Panel', narrow: false, isOpen: panel, toggle: () => setPanel(!panel) },
  ];
  return (
    <div class={watches ? 'window watching' : 'window'}>
      <Header {...{ shown, everything, as, go, watches, drawers }} />
      <Banner isLost={shown.isLost} machine={everything.machine} />
      <p class="said" role="status">
        {said}
      </p>
      {watches && <Tour tour={everything.tour} send={act} go={go} />}
      <div class="columns" inert={shown.isSomebodyElses}>
        {side && <Channels channels={everything.channels} open={shown.channel} onOpen={openChannel} />}
        <main class="talk" aria-label={everything.you.name}>
          {steps && !watches && <FirstSteps {...{ everything, go }} send={act} hide={() => setSteps(false)} />}
          <Talk {...{ shown, everything, act, send, watches }} follow={watches ? undefined : follow} />
        </main>
        {panel && (
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
}

/** The open channel: what was said there, where to type, and the person's modals on top. */
function Talk({ shown, everything, send, act, follow, watches }: TalkProps): JSX.Element {
  const reader = useReader(shown, everything);
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
          {...{ everything, reader, presses, follow }}
        />
      )}
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

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { TourNews } from '../wire.ts';
import { PlayTheTour } from './first-steps.tsx';
import type { Go, Send } from './hooks.ts';

interface TourProps {
  tour: TourNews | null;
  send: Send;
  go: Go;
}

/** Where the tour stands, and what steers it. The window around it shows whom the scene is about. */
export function Tour({ tour, send, go }: TourProps): JSX.Element {
  const steer = (to: 'pause' | 'go_on' | 'next') => void send({ kind: 'tour', to });
  const leave = async () => {
    await send({ kind: 'tour', to: 'stop' });
    go({ tour: false, channel: null });
  };
  const isOn = tour !== null && tour.playing !== 'over' && tour.playing !== 'failed';
  const isPaused = tour?.playing === 'paused';
  return (
    <section class="tour" aria-label="Tour">
      <div class="head">
        <h2>{tour?.title || 'The tour'}</h2>
        <p class="where">{tour ? standing(tour) : 'No tour is being played.'}</p>
        <div class="row">
          {isOn ? (
            <>
              <button type="button" disabled={isPaused} onClick={() => steer('pause')}>
                Pause
              </button>
              <button type="button" disabled={!isPaused} onClick={() => steer('go_on')}>
                Go on
              </button>
              <button type="button" onClick={() => steer('next')}>
                Next journey
              </button>
            </>
          ) : (
            <PlayTheTour go={go} send={send} />
          )}
          <button type="button" onClick={() => void leave()}>
            Leave the tour
          </button>
        </div>
      </div>
      {tour && <Steps tour={tour} />}
      {tour?.coming && (
        <p class="coming">
          <span class="next">Next</span> {tour.coming}
        </p>
      )}
    </section>
  );
}

function standing({ playing, journey, journeys }: TourNews): string {
  const where = `Journey ${journey} of ${journeys}`;
  switch (playing) {
    case 'starting':
      return 'A fresh sandbox is being started for it.';
    case 'playing':
      return where;
    case 'paused':
      return `${where}, paused`;
    case 'over':
      return 'That was the tour: every step went as it should.';
    case 'failed':
      return `${where}: a step did not go as it should.`;
  }
}

function Steps({ tour }: { tour: TourNews }): JSX.Element {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    const area = list.current;
    if (area !== null) area.scrollTop = area.scrollHeight;
  }, [tour.steps.length]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
    <ol class="steps" aria-label="Steps" tabIndex={0} aria-live="polite" ref={list}>
      {tour.steps.map(({ name, seen, well }, place) => (
        <li key={place} class={well ? 'well' : 'wrong'}>
          <span class="name">
            {name}
            {!well && <strong> (not as it should be)</strong>}
          </span>
          {seen.length > 0 && <span class="seen">{seen.join(' · ')}</span>}
        </li>
      ))}
    </ol>
  );
}

import type { JSX } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import type { ShownChannel, TourNews } from '../wire.ts';
import { PlayTheTour } from './first-steps.tsx';
import type { Go, Send } from './hooks.ts';
import { titleOf } from './names.ts';

interface TourProps {
  tour: TourNews | null;
  send: Send;
  go: Go;
}

/** Where the tour stands, and what steers it. The window around it shows whom the scene is about. */
export function Tour({ tour, send, go }: TourProps): JSX.Element {
  const steer = (to: 'pause' | 'go_on' | 'step' | 'next') => void send({ kind: 'tour', to });
  const leave = async () => {
    await send({ kind: 'tour', to: 'stop' });
    go({ tour: false, channel: null });
  };
  const isOn = tour !== null && !ends.includes(tour.playing);
  const isPaused = tour?.playing === 'paused';
  const section = useRef<HTMLElement>(null);
  // The button that led here is gone, and with it the focus.
  useEffect(() => section.current?.focus(), []);
  return (
    <section class="tour" aria-label="Tour" tabIndex={-1} ref={section}>
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
              <button type="button" onClick={() => steer('step')}>
                Next step
              </button>
              <button type="button" onClick={() => steer('next')}>
                Next journey
              </button>
              <PaceSelect pace={tour.pace} send={send} />
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

const ends: readonly TourNews['playing'][] = ['over', 'failed', 'outdated'];

const paces: readonly { is: TourNews['pace']; label: string }[] = [
  { is: 'slow', label: 'Slow' },
  { is: 'usual', label: 'Usual' },
  { is: 'quick', label: 'Quick' },
];

function PaceSelect({ pace, send }: { pace: TourNews['pace']; send: Send }): JSX.Element {
  const id = useId();
  const take = (value: string) => {
    const chosen = paces.find(({ is }) => is === value);
    if (chosen) void send({ kind: 'tour', to: 'pace', pace: chosen.is });
  };
  return (
    <span class="pace">
      <label for={id}>Pace</label>
      <span class="select">
        <select id={id} value={pace} onChange={(event) => take(event.currentTarget.value)}>
          {paces.map(({ is, label }) => (
            <option key={is} value={is}>
              {label}
            </option>
          ))}
        </select>
      </span>
    </span>
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
    case 'outdated':
      return 'The pause was too long: what was asked for ran out meanwhile. The tour has to begin anew.';
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

/** Where a command is typed, for whoever only watches. */
export function TypedCommand({ channel, types }: { channel: ShownChannel; types: string | null }): JSX.Element {
  const id = useId();
  return (
    <div class={types === null ? 'composer typed' : 'composer typed coming'}>
      <div class="field">
        <label class="visually-hidden" for={id}>{`Message ${titleOf(channel)}`}</label>
        <textarea id={id} rows={1} readOnly value={types ?? ''} />
      </div>
    </div>
  );
}

/** What is about to happen in the window as a whole: the form in it is sent. */
export const windowClass = (watches: boolean, tour: TourNews | null): string =>
  `window${watches ? ' watching' : ''}${watches && tour?.sends ? ' sending' : ''}`;

import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Act, Machine } from '../wire.ts';
import type { Send } from './hooks.ts';

interface ControlsProps {
  machine: Machine;
  send: Send;
  disabled: boolean;
}

const jumps: readonly { label: string; act: Act }[] = [
  { label: '+5 min', act: { kind: 'time', minutes: 5 } },
  { label: '+1 hour', act: { kind: 'time', minutes: 60 } },
  { label: 'To expiry', act: { kind: 'time_to', moment: 'expiry' } },
  { label: 'To lapse', act: { kind: 'time_to', moment: 'lapse' } },
  { label: 'To the digest', act: { kind: 'time_to', moment: 'digest' } },
  { label: "To the review's due time", act: { kind: 'time_to', moment: 'review' } },
];

const weathers: readonly { is: Machine['weather']; label: string }[] = [
  { is: 'fine', label: 'Works' },
  { is: 'slow', label: 'Answers 429' },
  { is: 'down', label: 'Is down' },
];

/** What no workspace lets anybody do: move time, break Slack, kill the bot. */
export function Controls({ machine, send, disabled }: ControlsProps): JSX.Element {
  const name = useId();
  const { said, act } = useAnswered(send);
  return (
    <section class="controls" aria-label="Controls">
      <fieldset disabled={disabled}>
        <legend>Clock</legend>
        <div class="row">
          {jumps.map(({ label, act: jump }) => (
            <button key={label} type="button" onClick={() => void act(jump)}>
              {label}
            </button>
          ))}
        </div>
      </fieldset>
      <fieldset disabled={disabled}>
        <legend>Slack</legend>
        <div class="row segments">
          {weathers.map(({ is, label }) => (
            <label key={is}>
              <input
                type="radio"
                name={name}
                checked={machine.weather === is}
                onChange={() => void act({ kind: 'weather', weather: is })}
              />
              <span>{label}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <fieldset disabled={disabled}>
        <legend>{machine.bots.length > 1 ? 'Bots' : 'Bot'}</legend>
        <div class="row">
          {machine.bots.map((bot, place) => (
            <Bot key={place} bot={bot} place={place} several={machine.bots.length > 1} send={act} />
          ))}
        </div>
      </fieldset>
      <p class="answer" role="status">
        {said}
      </p>
    </section>
  );
}

/** Why the last thing could not be moved; said anew each time. */
function useAnswered(send: Send): { said: string; act: Send } {
  const [said, setSaid] = useState('');
  const act: Send = async (what) => {
    setSaid('');
    const outcome = await send(what);
    if (outcome.kind === 'refused') setSaid(outcome.why);
    return outcome;
  };
  return { said, act };
}

interface BotProps {
  bot: Machine['bots'][number];
  place: number;
  several: boolean;
  send: Send;
}

function Bot({ bot, place, several, send }: BotProps): JSX.Element {
  const name = several ? `bot ${place + 1}` : 'the bot';
  const to = bot.running ? 'kill' : 'start';
  return (
    <button
      type="button"
      class={bot.running ? 'kills' : 'starts'}
      // Not `disabled`, which would lose the focus.
      aria-disabled={bot.busy ? true : undefined}
      onClick={() => (bot.busy ? undefined : void send({ kind: 'bot', bot: place, to }))}
    >
      {`${bot.running ? 'Kill' : 'Start'} ${name}`}
    </button>
  );
}

import type { JSX } from 'preact';
import type { Machine } from '../wire.ts';

/** What does not work just now, and what that means. */
export function Banner({ isLost, machine }: { isLost: boolean; machine: Machine }): JSX.Element {
  const troubles = isLost ? ['The sandbox does not answer. Trying again.'] : troublesOf(machine);
  return (
    <div class="banner" role="status">
      {troubles.map((trouble) => (
        <p key={trouble}>{trouble}</p>
      ))}
    </div>
  );
}

export function troublesOf({ weather, bots }: Machine): string[] {
  const dead = bots.flatMap(({ running }, place) => (running ? [] : [place + 1]));
  const several = bots.length > 1;
  const nobody = several ? 'No bot is running' : 'The bot is not running';
  return [
    ...(weather === 'down' ? ['Slack is down. Nothing gets through; the bot keeps what it has to say.'] : []),
    ...(weather === 'slow' ? ['Slack answers 429. The bot waits as long as it is told to, then tries again.'] : []),
    ...(dead.length > 0 && dead.length === bots.length ? [`${nobody}. What is typed or pressed gets no answer.`] : []),
    ...(dead.length > 0 && several && dead.length < bots.length
      ? [`Not running: bot ${dead.join(', bot ')}. The others do the work.`]
      : []),
  ];
}

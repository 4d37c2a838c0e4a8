import type { ComponentChildren, JSX } from 'preact';
import type { Everything } from '../wire.ts';
import type { Go, Send } from './hooks.ts';

interface FirstStepsProps {
  everything: Everything;
  go: Go;
  send: Send;
  /** Makes this window another person, with the focus where they type. */
  be: (player: string, channel: string | null) => void;
  hide: () => void;
}

/** What to do on a first visit: ask, agree, and see it end. */
export function FirstSteps({ everything, go, send, be, hide }: FirstStepsProps): JSX.Element {
  const { asked, approved, over } = everything.firstSteps;
  const steps = [asked, approved, over];
  const now = steps.indexOf(false);
  const beButton = (player: string, name: string, channel: string | null) => (
    <button type="button" onClick={() => be(player, channel)}>
      {`Be ${name}`}
    </button>
  );
  return (
    <section class={now < 0 ? 'first-steps over' : 'first-steps'} aria-label="First steps">
      <div class="head">
        <h2>{now < 0 ? 'That was a whole break-glass session' : 'See it work in three steps'}</h2>
        <PlayTheTour go={go} send={send} />
        <button type="button" class="quiet" onClick={hide}>
          Hide
        </button>
      </div>
      <ol>
        <Step title="Ask for access" isDone={asked} isNow={now === 0} buttons={beButton('olivia', 'Olivia', null)}>
          As Olivia, type <code>/breakglass</code> and send it. Fill in the form for Acme Corp with the scope Content
          access and a ticket such as <code>INC-1</code>.
        </Step>
        <Step
          title="Two people agree"
          isDone={approved}
          isNow={now === 1}
          buttons={
            <>
              {beButton('anna', 'Anna', 'acme-owners')}
              {beButton('sam', 'Sam', 'access-security')}
            </>
          }
        >
          Be Anna and approve the request in #acme-owners, then Sam in #access-security. Olivia then has access.
        </Step>
        <Step
          title="It ends by itself"
          isDone={over}
          isNow={now === 2}
          buttons={
            <button type="button" onClick={() => void send({ kind: 'time_to', moment: 'expiry' })}>
              Move the clock to expiry
            </button>
          }
        >
          Look at “Behind the scenes”: every step is on record. Then move the clock with “To expiry”, and see who is
          told.
        </Step>
      </ol>
    </section>
  );
}

interface StepProps {
  title: string;
  isDone: boolean;
  isNow: boolean;
  buttons: ComponentChildren;
  children: ComponentChildren;
}

const Step = ({ title, isDone, isNow, buttons, children }: StepProps) => (
  <li class={isDone ? 'done' : isNow ? 'now' : 'later'} aria-current={isNow ? 'step' : undefined}>
    <h3>
      {title}
      {isDone && <span class="visually-hidden"> (done)</span>}
    </h3>
    <p>{children}</p>
    <div class="row">{buttons}</div>
  </li>
);

export function PlayTheTour({ go, send }: { go: Go; send: Send }): JSX.Element {
  const play = async () => {
    const { kind } = await send({ kind: 'tour', to: 'play' });
    if (kind === 'done') go({ tour: true, channel: null });
  };
  return (
    <button type="button" class="primary" onClick={() => void play()}>
      Play the tour
    </button>
  );
}

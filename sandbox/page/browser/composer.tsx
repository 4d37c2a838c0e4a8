import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Everything, Outcome, ShownChannel } from '../wire.ts';
import { readTyped } from './completion.ts';
import type { Send } from './hooks.ts';
import { titleOf } from './names.ts';
import { OfferList } from './offer-list.tsx';
import { useCompletion } from './use-completion.ts';
import { spots } from './window-focus.ts';

interface ComposerProps {
  channel: ShownChannel;
  everything: Everything;
  send: Send;
}

/** Where somebody types: messages, and commands with what completes them. */
export function Composer({ channel, everything, send }: ComposerProps): JSX.Element {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const { text, setText, why, submit, recall } = useDraft(channel, send);
  const completion = useCompletion(field, text, setText, everything);
  const { offers, active } = completion;
  const title = titleOf(channel);

  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>) => {
    if (event.isComposing) return;
    const { key, shiftKey } = event;
    const isForUs = completion.onKey(key, shiftKey) || (key === 'ArrowUp' && recall());
    const sends = !isForUs && key === 'Enter' && !shiftKey;
    if (isForUs || sends) event.preventDefault();
    if (sends) void submit();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
        field.current?.focus();
      }}
    >
      <p class="visually-hidden" role="status">
        {offers && `${offers.of}: ${offers.offers.length}. Arrows to choose, Tab to take.`}
      </p>
      {offers && <OfferList id={`${id}-offers`} offers={offers} active={active} take={completion.take} />}
      <div class="field">
        <label class="visually-hidden" for={spots.field}>{`Message ${title}`}</label>
        <textarea
          ref={field}
          id={spots.field}
          rows={1}
          maxLength={10_000}
          placeholder={`Message ${title}, or type / for commands`}
          aria-haspopup="listbox"
          aria-autocomplete="list"
          aria-controls={offers ? `${id}-offers` : undefined}
          aria-activedescendant={offers && active !== null ? `${id}-offers-${active}` : undefined}
          aria-invalid={why !== null}
          aria-describedby={`${id}-why`}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onSelect={completion.look}
          onBlur={completion.close}
          onKeyDown={onKeyDown}
        />
        <button type="submit" disabled={text.trim() === ''}>
          Send
        </button>
      </div>
      <p class="why" id={`${id}-why`} role="alert">
        {why}
      </p>
    </form>
  );
}

/** What is typed and not sent yet, and what was sent before. */
function useDraft(channel: ShownChannel, send: Send) {
  const [text, setTextOnly] = useState('');
  const [why, setWhy] = useState<string | null>(null);
  const [sent, setSent] = useState<readonly string[]>([]);
  const setText = (to: string) => {
    setTextOnly(to);
    setWhy(null);
  };
  const submit = async (): Promise<void> => {
    if (text.trim() === '') return;
    setTextOnly('');
    setSent([...sent.filter((each) => each !== text), text]);
    const outcome: Outcome = await send({ ...readTyped(text), channel: channel.id });
    if (outcome.kind !== 'refused') return;
    setWhy(outcome.why);
    // What did not go through is not typed twice; what is typed meanwhile is not lost.
    setTextOnly((meanwhile) => (meanwhile === '' ? text : meanwhile));
  };
  /** In an empty field: the one before. @returns whether there was one */
  const recall = (): boolean => {
    const place = text === '' ? sent.length : sent.indexOf(text);
    const before = sent[place - 1];
    if (place < 0 || before === undefined) return false;
    setText(before);
    return true;
  };
  return { text, setText, why, submit, recall };
}

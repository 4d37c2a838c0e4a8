import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { asString, type JsonObject, objectsIn } from '../../../slack/json.ts';
import { useConfirming } from './confirming.tsx';
import { type ElementProps, useBusy } from './hand.ts';
import { follow, leadOf } from './link.tsx';
import { Words } from './texts.tsx';

/** A few more things to do, behind three dots. */
export function Overflow({ element, block, reader, hand }: ElementProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const [busy, run] = useBusy();
  const { confirmed, question } = useConfirming(element, reader);
  const dots = useRef<HTMLButtonElement>(null);
  const id = useId();
  const close = () => {
    setOpen(false);
    dots.current?.focus();
  };
  const choose = (option: JsonObject) => {
    const url = asString(option.url);
    const lead = url === undefined ? null : leadOf(url, reader);
    close();
    confirmed(() => {
      if (lead !== null) follow(lead);
      void run(() => hand.press(block, element, { choose: asString(option.value) ?? '' }));
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    event.preventDefault();
    event.stopPropagation();
    close();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what its buttons opened
    <div class="bk-overflow" onKeyDown={onKeyDown}>
      <button
        ref={dots}
        type="button"
        class="bk-button bk-dots"
        aria-label="More actions"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-disabled={busy ? true : undefined}
        aria-busy={busy ? true : undefined}
        disabled={hand.readOnly}
        onClick={() => (busy ? undefined : setOpen(!isOpen))}
      >
        <span aria-hidden="true">…</span>
      </button>
      {isOpen ? (
        <ul class="bk-list bk-more" id={id}>
          {objectsIn(element.options).map((option) => (
            <li key={option.value}>
              <button type="button" class="bk-option" onClick={() => choose(option)}>
                <Words of={option.text} reader={reader} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {question}
    </div>
  );
}

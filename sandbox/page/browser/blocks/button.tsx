import type { JSX } from 'preact';
import { asString, type JsonObject } from '../../../slack/json.ts';
import { leadsSomewhere } from './address.ts';
import { useConfirming } from './confirming.tsx';
import { type ElementProps, useBusy } from './hand.ts';
import { Words } from './texts.tsx';

const STYLES: { [style: string]: string } = { primary: 'bk-primary', danger: 'bk-danger' };
const classOf = (element: JsonObject) => `bk-button ${STYLES[asString(element.style) ?? ''] ?? ''}`.trim();

const addressOf = (element: JsonObject): string | undefined => {
  const url = asString(element.url);
  return url !== undefined && leadsSomewhere(url) ? url : undefined;
};

export function Button({ element, block, reader, hand }: ElementProps): JSX.Element {
  const [busy, run] = useBusy();
  const { confirmed, question } = useConfirming(element, reader);
  const value = asString(element.value);
  const address = addressOf(element);
  const press = () => void run(() => hand.press(block, element, value === undefined ? {} : { value }));
  const words = <Words of={element.text} reader={reader} />;
  const label = asString(element.accessibility_label);
  if (address !== undefined && element.confirm === undefined) {
    return (
      <a
        class={classOf(element)}
        href={address}
        target="_blank"
        rel="noopener noreferrer"
        aria-label={label}
        // Slack tells the app of these, too.
        onClick={hand.readOnly ? undefined : press}
      >
        {words}
      </a>
    );
  }
  const work = () => {
    if (address !== undefined) window.open(address, '_blank', 'noopener,noreferrer');
    press();
  };
  return (
    <>
      <button
        type="button"
        class={classOf(element)}
        aria-label={label}
        disabled={hand.readOnly}
        // Not `disabled`, which would lose the focus.
        aria-disabled={busy ? true : undefined}
        aria-busy={busy ? true : undefined}
        onClick={() => (busy ? undefined : confirmed(work))}
      >
        {words}
      </button>
      {question}
    </>
  );
}

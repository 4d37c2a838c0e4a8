import type { JSX } from 'preact';
import { asString, type JsonObject } from '../../../slack/json.ts';
import { useConfirming } from './confirming.tsx';
import { type ElementProps, useBusy } from './hand.ts';
import { follow, Link, leadOf } from './link.tsx';
import { Words } from './texts.tsx';

const STYLES: { [style: string]: string } = { primary: 'bk-primary', danger: 'bk-danger' };
const classOf = (element: JsonObject) => `bk-button ${STYLES[asString(element.style) ?? ''] ?? ''}`.trim();

export function Button({ element, block, reader, hand }: ElementProps): JSX.Element {
  const [busy, run] = useBusy();
  const { confirmed, question } = useConfirming(element, reader);
  const value = asString(element.value);
  const url = asString(element.url);
  const lead = url === undefined ? null : leadOf(url, reader);
  const press = () => void run(() => hand.press(block, element, value === undefined ? {} : { value }));
  const words = <Words of={element.text} reader={reader} />;
  const label = asString(element.accessibility_label);
  if (lead !== null && element.confirm === undefined) {
    return (
      // Slack tells the app of these, too.
      <Link lead={lead} class={classOf(element)} label={label} onFollow={hand.readOnly ? undefined : press}>
        {words}
      </Link>
    );
  }
  const work = () => {
    if (lead !== null) follow(lead);
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

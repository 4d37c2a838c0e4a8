import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { asObject, type Json, type JsonObject } from '../../../slack/json.ts';
import { useModal } from './dialog.ts';
import type { Reader } from './reader.ts';
import { Words } from './texts.tsx';

/** Asks once more, in the words of the bot. */
export function ConfirmDialog(props: {
  confirm: JsonObject;
  reader: Reader;
  answer: (yes: boolean) => void;
}): JSX.Element {
  const { confirm, reader, answer } = props;
  const id = useId();
  const { ref, handlers } = useModal(() => answer(false));
  const words = (of: Json | undefined, otherwise: string) =>
    asObject(of) === undefined ? otherwise : <Words of={of} reader={reader} />;
  return (
    <dialog
      ref={ref}
      class="bk-dialog bk-confirm"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      {...handlers}
    >
      <h2 class="bk-title" id={`${id}-title`}>
        <Words of={confirm.title} reader={reader} />
      </h2>
      <div class="bk-text" id={`${id}-text`}>
        <Words of={confirm.text} reader={reader} />
      </div>
      <div class="bk-foot">
        <button type="button" class="bk-button" onClick={() => answer(false)}>
          {words(confirm.deny, 'Cancel')}
        </button>
        <button
          type="button"
          class={`bk-button ${confirm.style === 'danger' ? 'bk-danger-full' : 'bk-primary'}`}
          onClick={() => answer(true)}
        >
          {words(confirm.confirm, 'Confirm')}
        </button>
      </div>
    </dialog>
  );
}

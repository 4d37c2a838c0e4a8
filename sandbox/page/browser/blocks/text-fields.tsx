/** Everything that is typed. */
import type { JSX, TargetedKeyboardEvent } from 'preact';
import { asNumber, asString, type JsonObject } from '../../../slack/json.ts';
import { type ElementProps, named } from './hand.ts';
import { wordsIn } from './texts.tsx';

/** How much may still be typed, or must; in UTF-16 units, as Slack counts. */
export function room(element: JsonObject, text: string): string | null {
  const max = asNumber(element.max_length);
  const min = asNumber(element.min_length) ?? 0;
  const characters = (count: number) => `${count.toLocaleString('en-US')} ${count === 1 ? 'character' : 'characters'}`;
  if (text !== '' && text.length < min) return `${characters(min - text.length)} more needed`;
  if (max === undefined) return min > 1 && text === '' ? `At least ${characters(min)}` : null;
  return text.length > max ? `${characters(text.length - max)} too many` : `${characters(max - text.length)} left`;
}

function useText({ element, block, reader, hand, naming }: ElementProps) {
  const text = asString(hand.held(block, element).value) ?? '';
  const left = room(element, text);
  const roomId = `${naming.id}-room`;
  const describedBy = [naming.describedBy, left === null ? undefined : roomId].filter(Boolean).join(' ') || undefined;
  return {
    left:
      left === null ? null : (
        <p class="bk-room" id={roomId}>
          {left}
        </p>
      ),
    control: {
      ...named({ ...naming, describedBy }),
      class: 'bk-field',
      value: text,
      placeholder: wordsIn(element.placeholder, reader),
      disabled: hand.readOnly,
      onInput: (event: { currentTarget: { value: string } }) => hand.type(block, element, event.currentTarget.value),
      onChange: (event: { currentTarget: { value: string } }) =>
        void hand.enter(block, element, event.currentTarget.value || null),
    },
    entered: (event: TargetedKeyboardEvent<HTMLInputElement>) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      if (hand.entered(block, element, event.currentTarget.value)) event.preventDefault();
    },
  };
}

/** Always `type=text`: the browser's other types swallow what is wrong instead of showing it with the reason. */
const lineOf = (inputMode: 'text' | 'url' | 'email' | 'decimal') =>
  function Line(props: ElementProps): JSX.Element {
    const { control, left, entered } = useText(props);
    return (
      <>
        <input type="text" inputMode={inputMode} autoComplete="off" {...control} onKeyDown={entered} />
        {left}
      </>
    );
  };

const TextLine = lineOf('text');
export const UrlInput = lineOf('url');
export const EmailInput = lineOf('email');
export const NumberInput = lineOf('decimal');

function TextArea(props: ElementProps): JSX.Element {
  const { control, left } = useText(props);
  return (
    <>
      <textarea rows={4} {...control} />
      {left}
    </>
  );
}

export const PlainTextInput = (props: ElementProps): JSX.Element =>
  props.element.multiline === true ? <TextArea {...props} /> : <TextLine {...props} />;

export function DatePicker({ element, block, hand, naming }: ElementProps): JSX.Element {
  return (
    <input
      {...named(naming)}
      class="bk-field bk-date"
      type="date"
      value={asString(hand.held(block, element).selected_date) ?? ''}
      disabled={hand.readOnly}
      onChange={(event) => void hand.enter(block, element, event.currentTarget.value || null)}
    />
  );
}

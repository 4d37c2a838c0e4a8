/** Choices that are all seen at once. */
import type { JSX } from 'preact';
import { asObject, asString, type JsonObject, objectsIn } from '../../../slack/json.ts';
import type { ElementProps } from './hand.ts';
import { Words } from './texts.tsx';

interface ChoiceProps {
  props: ElementProps;
  type: 'radio' | 'checkbox';
  option: JsonObject;
  at: number;
  isChosen: boolean;
  choose(): void;
}

function OneChoice({ props, type, option, at, isChosen, choose }: ChoiceProps): JSX.Element {
  const { reader, hand, naming } = props;
  const id = `${naming.id}-${at}`;
  const hasMore = asObject(option.description) !== undefined;
  return (
    <label class="bk-choice">
      <input
        type={type}
        name={naming.id}
        value={asString(option.value) ?? ''}
        checked={isChosen}
        disabled={hand.readOnly}
        aria-labelledby={`${id}-text`}
        aria-describedby={hasMore ? `${id}-more` : undefined}
        aria-invalid={type === 'checkbox' && naming.invalid ? true : undefined}
        onChange={choose}
      />
      <span class="bk-choice-words">
        <span id={`${id}-text`}>
          <Words of={option.text} reader={reader} />
        </span>
        {hasMore ? (
          <span class="bk-choice-more" id={`${id}-more`}>
            <Words of={option.description} reader={reader} />
          </span>
        ) : null}
      </span>
    </label>
  );
}

const groupNames = ({ naming: { label, labelledBy, describedBy } }: ElementProps) => ({
  class: 'bk-choices',
  'aria-label': label,
  'aria-labelledby': labelledBy,
  'aria-describedby': describedBy,
});

export function RadioButtons(props: ElementProps): JSX.Element {
  const { element, block, hand, naming } = props;
  const chosen = asObject(hand.held(block, element).selected_option)?.value;
  return (
    <fieldset
      // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: only a radiogroup can be wrong or required
      role="radiogroup"
      {...groupNames(props)}
      aria-invalid={naming.invalid ? true : undefined}
      aria-required={naming.required ? true : undefined}
    >
      {naming.legend}
      {objectsIn(element.options).map((option, at) => (
        <OneChoice
          key={option.value}
          {...{ props, option, at, type: 'radio' }}
          isChosen={option.value === chosen}
          choose={() => void hand.enter(block, element, asString(option.value) ?? '', option)}
        />
      ))}
    </fieldset>
  );
}

export function Checkboxes(props: ElementProps): JSX.Element {
  const { element, block, hand, naming } = props;
  const options = objectsIn(element.options);
  const chosen = objectsIn(hand.held(block, element).selected_options).map(({ value }) => value);
  const turned = (turnedOne: JsonObject) =>
    options
      .filter(({ value }) => chosen.includes(value ?? '') !== (value === turnedOne.value))
      .flatMap(({ value }) => asString(value) ?? []);
  return (
    <fieldset {...groupNames(props)}>
      {naming.legend}
      {options.map((option, at) => (
        <OneChoice
          key={option.value}
          {...{ props, option, at, type: 'checkbox' }}
          isChosen={chosen.includes(option.value ?? '')}
          choose={() => void hand.enter(block, element, turned(option), option)}
        />
      ))}
    </fieldset>
  );
}

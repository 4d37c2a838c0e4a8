/** Everything that is chosen from a list which opens. */
import type { JSX } from 'preact';
import { asNumber, asObject, asString, objectsIn } from '../../../slack/json.ts';
import { Combobox } from './combobox.tsx';
import type { ElementProps } from './hand.ts';
import { type Choice, choiceOf, groupsOf } from './options.ts';
import { type Source, useLoaded, useOwn } from './sources.ts';
import { wordsIn } from './texts.tsx';

/** Slack's, for an external select that does not say how much must be typed. */
const MIN_QUERY = 3;

function OneOf(props: ElementProps & { source: Source; chosen: Choice | null; otherwise?: string }): JSX.Element {
  const { element, block, reader, hand, naming, source, chosen, otherwise = 'Choose an option' } = props;
  const placeholder = wordsIn(element.placeholder, reader) ?? otherwise;
  return (
    <Combobox
      naming={naming}
      source={source}
      placeholder={placeholder}
      shown={chosen?.label ?? ''}
      chosen={chosen === null ? [] : [chosen.value]}
      readOnly={hand.readOnly}
      pick={({ value, option }) => void hand.enter(block, element, value, option)}
      clear={() => void hand.enter(block, element, null)}
    />
  );
}

function chosenOf({ element, block, reader, hand }: ElementProps): Choice | null {
  const option = asObject(hand.held(block, element).selected_option);
  return option === undefined ? null : choiceOf(option, reader);
}

export function StaticSelect(props: ElementProps): JSX.Element {
  const source = useOwn(groupsOf(props.element, props.reader));
  return <OneOf {...props} source={source} chosen={chosenOf(props)} />;
}

export function ExternalSelect(props: ElementProps): JSX.Element {
  const { element, block, reader, hand } = props;
  const min = asNumber(element.min_query_length) ?? MIN_QUERY;
  const source = useLoaded((query) => hand.load(block, query), min, reader);
  return <OneOf {...props} source={source} chosen={chosenOf(props)} />;
}

export function UsersSelect(props: ElementProps): JSX.Element {
  const { element, block, reader, hand } = props;
  const people = (reader.people ?? []).map(({ id, name }): Choice => ({ value: id, label: name }));
  const source = useOwn([{ label: null, choices: people }]);
  const user = asString(hand.held(block, element).selected_user);
  const chosen = user === undefined ? null : { value: user, label: reader.nameOf(user) ?? user };
  return <OneOf {...props} source={source} chosen={chosen} otherwise="Choose somebody" />;
}

export function MultiStaticSelect(props: ElementProps): JSX.Element {
  const { element, block, reader, hand, naming } = props;
  const source = useOwn(groupsOf(element, reader));
  const held = objectsIn(hand.held(block, element).selected_options).map((option) => choiceOf(option, reader));
  const values = held.map(({ value }) => value);
  const max = asNumber(element.max_selected_items) ?? Number.POSITIVE_INFINITY;
  const without = (value: string) => values.filter((one) => one !== value);
  const enter = (next: string[]) => void hand.enter(block, element, next);
  return (
    <div class="bk-several">
      {held.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          class="bk-token"
          disabled={hand.readOnly}
          aria-label={`Remove ${label}`}
          onClick={() => {
            enter(without(value));
            // This button is about to go, and must not take the focus along.
            document.getElementById(naming.id)?.focus();
          }}
        >
          {label} <span aria-hidden="true">×</span>
        </button>
      ))}
      <Combobox
        naming={naming}
        source={source}
        placeholder={wordsIn(element.placeholder, reader) ?? 'Choose options'}
        shown=""
        chosen={values}
        severalCan
        readOnly={hand.readOnly}
        pick={({ value }) => {
          if (values.includes(value)) enter(without(value));
          else if (values.length < max) enter([...values, value]);
        }}
        clear={() => {}}
      />
    </div>
  );
}

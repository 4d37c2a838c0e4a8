import type { JSX } from 'preact';
import type { ElementType } from '../../../slack/element-rules.ts';
import { asString } from '../../../slack/json.ts';
import { Button } from './button.tsx';
import { Checkboxes, RadioButtons } from './choices.tsx';
import type { ElementProps } from './hand.ts';
import { ExternalSelect, MultiStaticSelect, StaticSelect, UsersSelect } from './menus.tsx';
import { Overflow } from './overflow.tsx';
import { DatePicker, EmailInput, NumberInput, PlainTextInput, UrlInput } from './text-fields.tsx';
import { Picture } from './texts.tsx';

/** Every element that the rules let through has its component: one without does not compile. */
const ELEMENTS: { [type in ElementType]: (props: ElementProps) => JSX.Element } = {
  button: Button,
  overflow: Overflow,
  static_select: StaticSelect,
  multi_static_select: MultiStaticSelect,
  external_select: ExternalSelect,
  users_select: UsersSelect,
  radio_buttons: RadioButtons,
  checkboxes: Checkboxes,
  datepicker: DatePicker,
  plain_text_input: PlainTextInput,
  url_text_input: UrlInput,
  email_text_input: EmailInput,
  number_input: NumberInput,
  image: ({ element }) => <Picture of={element} />,
};

const isKnown = (type: string): type is ElementType => Object.hasOwn(ELEMENTS, type);

/** Throws on a type that is not in the table. */
export function Element(props: ElementProps): JSX.Element {
  const type = asString(props.element.type) ?? '';
  if (!isKnown(type)) throw new Error(`This page has no way to show an element of type ${type}.`);
  const Known = ELEMENTS[type];
  return <Known {...props} />;
}

/** Which interactive elements this Slack knows, and what they must look like. */
import { asNumber, isSame, type Json, type JsonObject, objectsIn } from './json.ts';
import { LIMITS } from './limits.ts';
import {
  all,
  anyText,
  boolean,
  byType,
  check,
  integer,
  list,
  matching,
  oneOf,
  plainText,
  type Rule,
  shape,
  string,
  typed,
} from './rules.ts';

const confirm = shape(
  { title: plainText(LIMITS.confirmTitle), text: anyText(LIMITS.confirmText) },
  {
    confirm: plainText(LIMITS.confirmButton),
    deny: plainText(LIMITS.confirmButton),
    style: oneOf('primary', 'danger'),
  },
);

const optionOf = (text: Rule, extra: { [key: string]: Rule } = {}) =>
  shape({ text, value: string(LIMITS.optionValue, 1) }, { description: plainText(LIMITS.optionDescription), ...extra });

export const plainOption = optionOf(plainText(LIMITS.optionText));
/** Radio buttons and checkboxes may format their options. */
const richOption = shape(
  { text: anyText(LIMITS.optionText), value: string(LIMITS.optionValue, 1) },
  { description: anyText(LIMITS.optionDescription) },
);

export const optionGroup = shape({
  label: plainText(LIMITS.optionGroupLabel),
  options: list(plainOption, { min: 1, max: LIMITS.options }),
});

/** Every option an element offers, those in groups included. */
export const offeredOptions = (element: JsonObject): JsonObject[] => [
  ...objectsIn(element.options),
  ...objectsIn(element.option_groups).flatMap((group) => objectsIn(group.options)),
];

const offers = (element: JsonObject, option: Json) =>
  offeredOptions(element).some((offered) => isSame(offered, option));

const initialAmongOptions = all(
  check(
    (element) => element.initial_option === undefined || offers(element, element.initial_option),
    'must match one of the options',
    '/initial_option',
  ),
  check(
    (element) => objectsIn(element.initial_options).every((option) => offers(element, option)),
    'must match one or more of the options',
    '/initial_options',
  ),
);

const optionsOrGroups = check(
  (element) => (element.options === undefined) !== (element.option_groups === undefined),
  'exactly one of options and option_groups is required',
);

const uniqueValues = check((element) => {
  const values = offeredOptions(element).map((option) => option.value);
  return new Set(values).size === values.length;
}, 'option values must be unique');

const actionId = { action_id: string(LIMITS.actionId, 1) };
const focusable = { ...actionId, focus_on_load: boolean };
const menu = { ...focusable, confirm, placeholder: plainText(LIMITS.placeholder) };
const typing = {
  ...focusable,
  placeholder: plainText(LIMITS.placeholder),
  initial_value: string(LIMITS.plainTextInput),
  dispatch_action_config: shape({}, { trigger_actions_on: list(string(50), { min: 1, max: 2 }) }),
};

const staticMenu = {
  options: list(plainOption, { min: 1, max: LIMITS.options }),
  option_groups: list(optionGroup, { min: 1, max: LIMITS.optionGroups }),
};
const choices = { options: list(richOption, { min: 1, max: LIMITS.choiceOptions }) };
const date = matching(/^\d{4}-\d{2}-\d{2}$/, 'a date as YYYY-MM-DD');

const plainTextInput = all(
  typed(
    'plain_text_input',
    {},
    {
      ...typing,
      multiline: boolean,
      min_length: integer(0, LIMITS.plainTextInput),
      max_length: integer(1, LIMITS.plainTextInput),
    },
  ),
  check(
    ({ min_length: min, max_length: max }) => (asNumber(min) ?? 0) <= (asNumber(max) ?? LIMITS.plainTextInput),
    'min_length must not exceed max_length',
  ),
);

const ELEMENTS = {
  button: typed(
    'button',
    { text: plainText(LIMITS.buttonText) },
    {
      ...actionId,
      confirm,
      value: string(LIMITS.buttonValue, 1),
      url: string(LIMITS.buttonUrl, 1),
      style: oneOf('primary', 'danger'),
      accessibility_label: string(LIMITS.accessibilityLabel, 1),
    },
  ),
  overflow: typed(
    'overflow',
    {
      options: list(optionOf(plainText(LIMITS.optionText), { url: string(LIMITS.optionUrl) }), {
        min: 1,
        max: LIMITS.overflowOptions,
      }),
    },
    { ...actionId, confirm },
  ),
  static_select: all(
    typed('static_select', {}, { ...menu, ...staticMenu, initial_option: plainOption }),
    optionsOrGroups,
    uniqueValues,
    initialAmongOptions,
  ),
  multi_static_select: all(
    typed(
      'multi_static_select',
      {},
      {
        ...menu,
        ...staticMenu,
        initial_options: list(plainOption, { min: 1, max: LIMITS.options }),
        max_selected_items: integer(1, LIMITS.options),
      },
    ),
    optionsOrGroups,
    uniqueValues,
    initialAmongOptions,
  ),
  external_select: typed(
    'external_select',
    {},
    { ...menu, initial_option: plainOption, min_query_length: integer(0, LIMITS.optionText) },
  ),
  users_select: typed('users_select', {}, { ...menu, initial_user: string(LIMITS.actionId, 1) }),
  radio_buttons: all(
    typed('radio_buttons', choices, { ...focusable, confirm, initial_option: richOption }),
    uniqueValues,
    initialAmongOptions,
  ),
  checkboxes: all(
    typed('checkboxes', choices, {
      ...focusable,
      confirm,
      initial_options: list(richOption, { min: 1, max: LIMITS.choiceOptions }),
    }),
    uniqueValues,
    initialAmongOptions,
  ),
  datepicker: typed('datepicker', {}, { ...menu, initial_date: date }),
  plain_text_input: plainTextInput,
  url_text_input: typed('url_text_input', {}, typing),
  email_text_input: typed('email_text_input', {}, typing),
  number_input: typed(
    'number_input',
    { is_decimal_allowed: boolean },
    { ...typing, min_value: string(30), max_value: string(30) },
  ),
  image: typed('image', { image_url: string(LIMITS.imageUrl, 1), alt_text: string(LIMITS.altText, 1) }),
};

/** What whoever shows blocks must be able to show. */
export type ElementType = keyof typeof ELEMENTS;

const SELECTING = [
  'overflow',
  'static_select',
  'external_select',
  'multi_static_select',
  'users_select',
  'radio_buttons',
  'checkboxes',
  'datepicker',
];
const TYPING = ['plain_text_input', 'url_text_input', 'email_text_input', 'number_input'];

export const sectionAccessory = byType(ELEMENTS, ['button', 'image', ...SELECTING]);
export const actionsElement = byType(
  ELEMENTS,
  ['button', ...SELECTING].filter((type) => type !== 'multi_static_select'),
);
export const inputElement = byType(ELEMENTS, [...SELECTING.filter((type) => type !== 'overflow'), ...TYPING]);
export const contextImage = ELEMENTS.image;

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Choice, ChoiceGroup } from './options.ts';

interface ListProps {
  /** Of the list; those of the choices follow from it. */
  id: string;
  label: string;
  groups: readonly ChoiceGroup[];
  /** The value of the choice that Enter takes. */
  active: string | undefined;
  chosen: readonly string[];
  severalCan: boolean;
  pick: (choice: Choice) => void;
}

export const optionId = (list: string, index: number): string => `${list}-${index}`;

/** What can be chosen. It never takes the focus, which stays where one types. */
export function ComboboxList({ id, label, groups, active, chosen, severalCan, pick }: ListProps): JSX.Element {
  const list = useRef<HTMLDivElement>(null);
  // In a window that scrolls, a list that opens at its lower end would be out of sight.
  useEffect(() => list.current?.scrollIntoView({ block: 'nearest' }), []);
  useEffect(() => list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' }), [active]);
  let index = -1;
  const option = (choice: Choice) => {
    index += 1;
    return (
      // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the active choice
      // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the field's
      <div
        key={choice.value}
        id={optionId(id, index)}
        class="bk-option"
        role="option"
        aria-selected={chosen.includes(choice.value)}
        data-active={choice.value === active ? '' : undefined}
        onClick={() => pick(choice)}
      >
        <span class="bk-option-label">{choice.label}</span>
        {choice.description === undefined ? null : <span class="bk-option-description">{choice.description}</span>}
      </div>
    );
  };
  return (
    <div
      ref={list}
      id={id}
      class="bk-list"
      role="listbox"
      // Browsers let Tab stop at what scrolls.
      tabIndex={-1}
      aria-label={label}
      aria-multiselectable={severalCan ? true : undefined}
      onPointerDown={(event) => event.preventDefault()}
    >
      {groups.map(({ label: groupLabel, choices }, at) =>
        groupLabel === null ? (
          choices.map(option)
        ) : (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset may not stand in a listbox
          <div key={groupLabel} role="group" aria-labelledby={`${id}-group-${at}`}>
            <div class="bk-option-group" id={`${id}-group-${at}`} role="presentation">
              {groupLabel}
            </div>
            {choices.map(option)}
          </div>
        ),
      )}
    </div>
  );
}

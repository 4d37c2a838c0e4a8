/** The one menu of the page: a text field that filters, and a list, after the ARIA pattern of a combobox. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { doingOf } from './combobox-keys.ts';
import { ComboboxList, optionId } from './combobox-list.tsx';
import { type Naming, named } from './hand.ts';
import type { Choice } from './options.ts';
import type { Source } from './sources.ts';

interface ComboboxProps {
  naming: Naming;
  source: Source;
  placeholder: string;
  /** What the field shows while nobody types in it. */
  shown: string;
  chosen: readonly string[];
  /** The list stays open, and what is chosen again is taken back. */
  severalCan?: boolean | undefined;
  readOnly: boolean;
  pick(choice: Choice): void;
  /** The field was emptied and left; a menu of several has no use for that. */
  clear(): void;
}

/** What the list does: whether it is open, what is typed, and which choice Enter takes. */
function useList({ source, severalCan = false, shown, pick, clear }: ComboboxProps) {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const choices = source.groups.flatMap((group) => group.choices);
  const at = Math.min(active, choices.length - 1);

  const open = (query = '') => {
    source.ask(query);
    setOpen(true);
  };
  const close = () => {
    setOpen(false);
    setTyped(null);
    setActive(-1);
  };
  const take = (choice: Choice) => {
    pick(choice);
    if (!severalCan) return close();
    setTyped(null);
    source.ask('');
  };
  const type = (text: string) => {
    setTyped(text);
    setActive(0);
    open(text);
  };
  const leave = () => {
    if (typed === '' && shown !== '' && !severalCan) clear();
    close();
  };
  const onKey = (event: KeyboardEvent) => {
    const doing = event.isComposing ? null : doingOf(event.key, { isOpen, active: at, count: choices.length });
    if (doing === null) return;
    // A list that closes must not close the window around it, and Enter here sends no form.
    event.preventDefault();
    event.stopPropagation();
    const choice = doing.kind === 'pick' ? choices[doing.index] : undefined;
    if (doing.kind === 'open') {
      setActive(doing.active === 'last' ? Number.MAX_SAFE_INTEGER : 0);
      open();
    } else if (doing.kind === 'close') close();
    else if (doing.kind === 'move') setActive(doing.to);
    else if (choice !== undefined) take(choice);
  };
  return {
    isOpen,
    typed,
    at,
    active: isOpen ? choices[at] : undefined,
    open,
    close,
    take,
    type,
    leave,
    onKey,
    choices,
  };
}

const counted = (count: number) => (count === 1 ? '1 choice' : `${count} choices`);

export function Combobox(props: ComboboxProps): JSX.Element {
  const { naming, source, placeholder, shown, chosen, severalCan = false, readOnly } = props;
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const list = useList(props);
  const hasList = list.isOpen && list.choices.length > 0;
  return (
    <div class={`bk-combobox ${list.isOpen ? 'bk-open' : ''}`}>
      <input
        ref={field}
        {...named(naming)}
        class="bk-field"
        type="text"
        role="combobox"
        autoComplete="off"
        spellcheck={false}
        aria-autocomplete="list"
        aria-expanded={hasList}
        aria-controls={hasList ? `${id}-list` : undefined}
        aria-activedescendant={hasList && list.active !== undefined ? optionId(`${id}-list`, list.at) : undefined}
        placeholder={placeholder}
        disabled={readOnly}
        value={list.typed ?? shown}
        onInput={(event) => list.type(event.currentTarget.value)}
        onClick={() => (list.isOpen ? list.close() : list.open())}
        onKeyDown={list.onKey}
        onBlur={list.leave}
      />
      <p class="bk-unseen" role="status">
        {list.isOpen ? (source.status ?? counted(list.choices.length)) : ''}
      </p>
      {hasList ? (
        <ComboboxList
          id={`${id}-list`}
          label={naming.label ?? placeholder}
          groups={source.groups}
          active={list.active?.value}
          chosen={chosen}
          severalCan={severalCan}
          pick={list.take}
        />
      ) : null}
      {list.isOpen && !hasList && source.status !== null ? (
        <div class="bk-list bk-status" aria-hidden="true">
          {source.status}
        </div>
      ) : null}
    </div>
  );
}

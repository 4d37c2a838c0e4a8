/** Where a combobox gets what it offers. */
import { useRef, useState } from 'preact/hooks';
import type { Loaded } from './hand.ts';
import { type ChoiceGroup, choiceOf, fitting } from './options.ts';
import type { Reader } from './reader.ts';

export interface Source {
  groups: readonly ChoiceGroup[];
  /** What is said in place of choices. */
  status: string | null;
  /** Told whenever the list opens or something is typed. */
  ask(query: string): void;
}

const NOTHING_FOUND = 'Nothing found';

/** All that there is, filtered as one types. */
export function useOwn(all: readonly ChoiceGroup[]): Source {
  const [query, setQuery] = useState('');
  const groups = fitting(all, query);
  return { groups, status: groups.length === 0 ? NOTHING_FOUND : null, ask: setQuery };
}

const tooShort = (min: number) => `Type at least ${min} ${min === 1 ? 'character' : 'characters'}`;

/** Asks one question at a time: of what is typed meanwhile only the newest is asked, and only its answer is shown. */
export function asker(load: (query: string) => Promise<Loaded>, show: (loaded: Loaded) => void) {
  let wanted: string | null = null;
  let isAsking = false;
  /** Rises with everything typed. */
  let turn = 0;
  const askAll = async () => {
    isAsking = true;
    try {
      while (wanted !== null) {
        const asked = turn;
        const query = wanted;
        wanted = null;
        const loaded = await load(query);
        if (asked === turn) show(loaded);
      }
    } finally {
      isAsking = false;
    }
  };
  return {
    /** Null: nothing is to be asked, and what is on its way is not to be shown. */
    want: (query: string | null): void => {
      turn += 1;
      wanted = query;
      if (!isAsking) void askAll();
    },
  };
}

/** What the app offers for what was typed. */
export function useLoaded(load: (query: string) => Promise<Loaded>, min: number, reader: Reader): Source {
  const [shown, setShown] = useState<Pick<Source, 'groups' | 'status'>>({ groups: [], status: null });
  // The asker outlives a drawing, and asks by the newest way there is.
  const newest = useRef(load);
  newest.current = load;
  const show = (loaded: Loaded) => {
    if ('why' in loaded) return setShown({ groups: [], status: loaded.why });
    const choices = loaded.options.map((option) => choiceOf(option, reader));
    const found = choices.length > 0;
    setShown({ groups: found ? [{ label: null, choices }] : [], status: found ? null : NOTHING_FOUND });
  };
  const [{ want }] = useState(() => asker((query) => newest.current(query), show));
  const ask = (query: string) => {
    const isLong = query.length >= min;
    setShown({ groups: [], status: isLong ? 'Loading' : tooShort(min) });
    want(isLong ? query : null);
  };
  return { ...shown, ask };
}

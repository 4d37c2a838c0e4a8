import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { firstChoice, isWhole, type Known, type Offer, type Offers, offersFor } from './completion.ts';

interface Completion {
  offers: Offers | null;
  /** Which of them is chosen; null while none is. */
  active: number | null;
  take: (offer: Offer) => void;
  /** @returns whether the key was for the list */
  onKey: (key: string, shift: boolean) => boolean;
  /** The caret may have moved. */
  look: () => void;
  close: () => void;
}

/** What is offered for the text in a field, which of it is chosen, and the keys for it. */
export function useCompletion(
  field: { readonly current: HTMLTextAreaElement | null },
  text: string,
  setText: (text: string) => void,
  known: Known,
): Completion {
  const [caret, setCaret] = useState(0);
  const [moved, setMoved] = useState<number | null>(null);
  /** Closed for this text, until another is typed. */
  const [closedFor, setClosedFor] = useState<string | null>(null);
  const caretAfter = useRef<number | null>(null);
  const offers = closedFor === text || text === '' ? null : offersFor(text, caret, known);
  const count = offers?.offers.length ?? 0;
  const active = offers === null ? null : moved === null ? firstChoice(offers) : Math.min(moved, count - 1);
  const chosen = active === null ? undefined : offers?.offers[active];

  useLayoutEffect(() => {
    setMoved(null);
    const area = field.current;
    if (area === null) return;
    if (caretAfter.current !== null) area.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = null;
    setCaret(area.selectionStart);
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const take = (offer: Offer): void => {
    if (offers === null) return;
    caretAfter.current = offers.from + offer.insert.length;
    setText(text.slice(0, offers.from) + offer.insert + text.slice(offers.to));
    field.current?.focus();
  };
  const onKey = (key: string, shift: boolean): boolean => {
    if (offers === null) return false;
    if (key === 'ArrowDown') setMoved(active === null ? 0 : (active + 1) % count);
    else if (key === 'ArrowUp') setMoved(((active ?? 0) - 1 + count) % count);
    else if (key === 'Escape') setClosedFor(text);
    else if ((key === 'Tab' || key === 'Enter') && !shift && chosen && !isWhole(offers, chosen, text)) take(chosen);
    else return false;
    return true;
  };
  return {
    offers,
    active,
    take,
    onKey,
    look: () => setCaret(field.current?.selectionStart ?? 0),
    close: () => setClosedFor(text),
  };
}

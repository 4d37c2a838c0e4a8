/** What a key does in a combobox, after the ARIA pattern: an editable one with a list. */
export type Doing =
  | { kind: 'open'; active: 'first' | 'last' | null }
  | { kind: 'close' }
  | { kind: 'move'; to: number }
  | { kind: 'pick'; index: number }
  | { kind: 'nothing' };

interface Standing {
  isOpen: boolean;
  /** The place of the choice that Enter takes; -1 for none. */
  active: number;
  count: number;
}

/** Null: the key is the text field's, or whoever's around it. */
export function doingOf(key: string, { isOpen, active, count }: Standing): Doing | null {
  if (!isOpen) {
    if (key === 'ArrowDown' || key === 'Enter') return { kind: 'open', active: 'first' };
    return key === 'ArrowUp' ? { kind: 'open', active: 'last' } : null;
  }
  switch (key) {
    case 'Escape':
      return { kind: 'close' };
    case 'Enter':
      return active >= 0 && active < count ? { kind: 'pick', index: active } : { kind: 'nothing' };
    case 'ArrowDown':
      return { kind: 'move', to: active + 1 < count ? active + 1 : 0 };
    case 'ArrowUp':
      return { kind: 'move', to: active > 0 ? active - 1 : count - 1 };
    case 'PageDown':
      return { kind: 'move', to: Math.min(active + 8, count - 1) };
    case 'PageUp':
      return { kind: 'move', to: Math.max(active - 8, 0) };
    default:
      return null;
  }
}

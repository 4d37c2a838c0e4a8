import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Dialog {
  ref: RefObject<HTMLDialogElement | null>;
  /** To be put on the dialog. */
  handlers: {
    onKeyDown(event: KeyboardEvent): void;
    onCancel(event: Event): void;
    onClose(event: Event): void;
  };
}

/**
 * Shows a native dialog as a modal for as long as it is there; the browser keeps the focus in it and gives it back.
 * `dismiss` is asked when a person wants it gone: the dialog stays until whoever shows it takes it away.
 */
export function useModal(dismiss: () => void, isModal = true): Dialog {
  const ref = useRef<HTMLDialogElement>(null);
  const isShown = useRef(false);
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (dialog === null || !isModal) return;
    isShown.current = true;
    dialog.showModal();
    return () => {
      isShown.current = false;
      dialog.close();
    };
  }, [isModal]);
  const handlers = {
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || !isModal) return;
      // Kept from the browser, which would close the dialog by itself, and from a dialog around this one.
      event.preventDefault();
      event.stopPropagation();
      dismiss();
    },
    onCancel: (event: Event) => {
      event.preventDefault();
      if (event.target === ref.current) dismiss();
    },
    // A browser may close a dialog without asking, e.g. when a phone's "back" is used twice.
    onClose: (event: Event) => {
      if (event.target === ref.current && isShown.current) dismiss();
    },
  };
  return { ref, handlers };
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { asObject, type JsonObject } from '../../../slack/json.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import type { Reader } from './reader.ts';

interface Confirming {
  /** Does the work at once, or after a yes where the element asks for one. */
  confirmed(work: () => void): void;
  /** The question, while it is open. */
  question: JSX.Element | null;
}

/** The way through an element's confirm object, if it has one. */
export function useConfirming(element: JsonObject, reader: Reader): Confirming {
  const confirm = asObject(element.confirm);
  const [waiting, setWaiting] = useState<{ work: () => void } | null>(null);
  const answer = (yes: boolean) => {
    setWaiting(null);
    if (yes) waiting?.work();
  };
  return {
    confirmed: (work) => (confirm === undefined ? work() : setWaiting({ work })),
    question:
      confirm === undefined || waiting === null ? null : (
        <ConfirmDialog confirm={confirm} reader={reader} answer={answer} />
      ),
  };
}

/** Everything that happens is announced here: tests wait on it, a page on top can follow it. */
import type { ApiCall } from './calls.ts';
import type { Delivery } from './deliver.ts';
import type { Message } from './messages.ts';

export type Change =
  | { kind: 'message'; what: 'posted' | 'edited' | 'deleted'; message: Message }
  | { kind: 'modal'; user: string }
  | { kind: 'notice'; user: string; text: string }
  | { kind: 'call'; call: ApiCall }
  | { kind: 'delivery'; delivery: Delivery }
  | { kind: 'sockets'; open: number }
  | { kind: 'directory'; id: string }
  | { kind: 'stopped' };

export type Listener = (change: Change) => void;

export class Changes {
  readonly #listeners = new Set<Listener>();

  /** Calls the listener after every change, until the returned function is called. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

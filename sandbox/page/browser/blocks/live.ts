import type { Act, ActOf, Outcome } from '../../wire.ts';

type Said<K extends Act['kind']> = Omit<ActOf<K>, 'kind'>;

/** How a person acts on their modals: the acts of the wire, without their kind. None of them rejects. */
export interface Live {
  press(said: Said<'press_in_view'>): Promise<Outcome>;
  choose(said: Said<'choose'>): Promise<Outcome>;
  fill(said: Said<'fill'>): Promise<Outcome>;
  options(said: Said<'options'>): Promise<Outcome>;
  submit(said: Said<'submit'>): Promise<Outcome>;
  close(said: Said<'close'>): Promise<Outcome>;
}

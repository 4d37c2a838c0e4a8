/** The modals people have open: one stack of at most three views a person. */
import { ApiError } from './calls.ts';
import type { Changes } from './changes.ts';
import { initialState, keptState, type StateValues } from './form.ts';
import { newId, secret, withIds } from './ids.ts';
import { asString, copy, type JsonObject, objectsIn } from './json.ts';
import { LIMITS } from './limits.ts';

export interface OpenView {
  id: string;
  user: string;
  hash: string;
  /** As the app sent it, with ids where it gave none. */
  definition: JsonObject;
  /** What the person has entered or chosen so far, initial values included. */
  state: StateValues;
  rootId: string;
  previousId: string | undefined;
}

export class Modals {
  readonly #stacks = new Map<string, OpenView[]>();
  readonly #changes: Changes;
  readonly #now: () => number;

  constructor(changes: Changes, now: () => number) {
    this.#changes = changes;
    this.#now = now;
  }

  /** The view on top. */
  of(user: string): OpenView | undefined {
    return this.stack(user).at(-1);
  }

  stack(user: string): readonly OpenView[] {
    return this.#stacks.get(user) ?? [];
  }

  find(id: string): OpenView | undefined {
    return [...this.#stacks.values()].flat().find((view) => view.id === id);
  }

  byExternalId(externalId: string): OpenView | undefined {
    return [...this.#stacks.values()].flat().find((view) => view.definition.external_id === externalId);
  }

  /** A new modal; one that was open gives way. */
  open(user: string, definition: JsonObject): OpenView {
    return this.#set(user, [], definition);
  }

  push(user: string, definition: JsonObject): OpenView {
    const below = this.stack(user);
    if (below.length === 0) throw new ApiError('not_found');
    if (below.length >= LIMITS.viewStack) throw new ApiError('push_limit_reached');
    return this.#set(user, below, definition);
  }

  /** What was entered stays where block and action ids stay. */
  update(view: OpenView, definition: JsonObject): OpenView {
    const named = this.#named(definition);
    return this.#replace({ ...view, definition: named, hash: this.#hash(), state: keptState(named, view.state) });
  }

  enter(view: OpenView, state: StateValues): OpenView {
    return this.#replace({ ...view, state });
  }

  /** Closes the view; those above it go with it. */
  close(view: OpenView): void {
    const stack = this.stack(view.user);
    const index = stack.findIndex(({ id }) => id === view.id);
    if (index < 0) return;
    this.#stacks.set(view.user, stack.slice(0, index));
    this.#changes.emit({ kind: 'modal', user: view.user });
  }

  clear(user: string): void {
    this.#stacks.delete(user);
    this.#changes.emit({ kind: 'modal', user });
  }

  #set(user: string, below: readonly OpenView[], definition: JsonObject): OpenView {
    const id = newId('V');
    const named = this.#named(definition);
    const view = {
      id,
      user,
      hash: this.#hash(),
      definition: named,
      state: initialState(named),
      rootId: below[0]?.id ?? id,
      previousId: below.at(-1)?.id,
    };
    this.#stacks.set(user, [...below, view]);
    this.#changes.emit({ kind: 'modal', user });
    return view;
  }

  #replace(next: OpenView): OpenView {
    const stack = this.stack(next.user).map((view) => (view.id === next.id ? next : view));
    this.#stacks.set(next.user, stack);
    this.#changes.emit({ kind: 'modal', user: next.user });
    return next;
  }

  #named = (definition: JsonObject): JsonObject => ({
    ...copy(definition),
    blocks: withIds(objectsIn(definition.blocks)),
  });

  #hash = (): string => `${Math.floor(this.#now() / 1000)}.${secret(4)}`;
}

/** A view as payloads and answers carry it. */
export function viewJson(view: OpenView, bot: { bot: string; app: string; team: string }): JsonObject {
  const { definition } = view;
  return {
    id: view.id,
    team_id: bot.team,
    app_id: bot.app,
    app_installed_team_id: bot.team,
    bot_id: bot.bot,
    type: 'modal',
    title: definition.title ?? null,
    submit: definition.submit ?? null,
    close: definition.close ?? null,
    blocks: copy(definition.blocks ?? []),
    private_metadata: asString(definition.private_metadata) ?? '',
    callback_id: asString(definition.callback_id) ?? '',
    external_id: asString(definition.external_id) ?? '',
    state: { values: copy(view.state) },
    hash: view.hash,
    clear_on_close: definition.clear_on_close === true,
    notify_on_close: definition.notify_on_close === true,
    root_view_id: view.rootId,
    previous_view_id: view.previousId ?? null,
  };
}

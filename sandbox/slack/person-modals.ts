/** The part of a person's client that shows modals. */
import { isDeepStrictEqual } from 'node:util';
import { violationsOfErrors, violationsOfOptions } from './block-rules.ts';
import { ApiError, invalid } from './calls.ts';
import type { Ack, Deliverer } from './deliver.ts';
import type { SlackUser } from './directory.ts';
import { offeredOptions } from './element-rules.ts';
import { blocksOf, findElement, type Pick } from './elements.ts';
import { type Entries, type Entry, fieldsOf, fill, problems, type StateValues } from './form.ts';
import { asNumber, asObject, asString, type JsonObject } from './json.ts';
import type { OpenView } from './modals.ts';
import type { ClickOutcome, Failed, OptionsOutcome, SubmitOutcome } from './outcomes.ts';
import { closedBody, submissionBody, suggestionBody, viewActionBody } from './payloads.ts';
import type { Until } from './person.ts';
import { sentence } from './rules.ts';
import { checkedView } from './views.ts';
import type { WaitOptions } from './wait.ts';
import type { World } from './world.ts';

/** Slack's default for an external select that does not say how much must be typed. */
const MIN_QUERY = 3;

export class PersonModals {
  readonly id: string;
  protected readonly world: World;
  protected readonly deliverer: Deliverer;
  readonly #until: Until;
  /** Options last loaded, by view and block. */
  readonly #loaded = new Map<string, JsonObject[]>();

  constructor(world: World, deliverer: Deliverer, until: Until, id: string) {
    this.world = world;
    this.deliverer = deliverer;
    this.#until = until;
    this.id = id;
  }

  get user(): SlackUser {
    const user = this.world.directory.users.get(this.id);
    if (user === undefined) throw new Error(`there is nobody called ${this.id}`);
    return user;
  }

  /** What Slack itself told this person, e.g. that the app did not answer. */
  get notices(): readonly string[] {
    return this.world.notices(this.id);
  }

  /** The modal on top now. */
  get view(): OpenView | undefined {
    return this.world.modals.of(this.id);
  }

  /** Waits for a modal: any, one with this callback id, or one that fits. */
  modal(which?: string | ((view: OpenView) => boolean), options?: WaitOptions): Promise<OpenView> {
    const fits = (view: OpenView) =>
      typeof which === 'function' ? which(view) : which === undefined || view.definition.callback_id === which;
    const look = () => (this.view !== undefined && fits(this.view) ? this.view : undefined);
    const what = `a modal${typeof which === 'string' ? ` ${which}` : ''} for ${this.id}`;
    return this.#until(look, what, options);
  }

  /** Enters values without sending anything; by block id, what the client did not let in. */
  fill(entries: Entries): { [blockId: string]: string } {
    const view = this.#top();
    const { state, refused } = fill(view.definition, view.state, entries, this.#offered(view));
    this.world.modals.enter(view, state);
    return refused;
  }

  /** Enters a value into a block that tells the app about it (`dispatch_action`, or outside an input). */
  async choose(blockId: string, entry: Entry): Promise<Ack> {
    const refused = this.fill({ [blockId]: entry })[blockId];
    if (refused !== undefined) throw new Error(`${blockId}: ${refused}`);
    const view = this.#top();
    const field = fieldsOf(view.definition).find((one) => one.blockId === blockId);
    if (field === undefined) throw new Error(`the form has no field ${blockId}`);
    if (field.block.type === 'input' && field.block.dispatch_action !== true) {
      throw new Error(`${blockId} does not tell the app: its input has no dispatch_action`);
    }
    const value = view.state[blockId]?.[field.actionId] ?? {};
    const action = { ...value, block_id: blockId, action_id: field.actionId };
    return (await this.deliverer.deliver('interactive', viewActionBody(this.world, this.user, view, action))).ack;
  }

  /**
   * Sends the form on top; blocks not named keep what they hold. `force` sends what the client would refuse, which
   * an attacker can.
   */
  async submit(entries: Entries = {}, { force = false }: { force?: boolean } = {}): Promise<SubmitOutcome> {
    const view = this.#top();
    const { state, refused } = fill(view.definition, view.state, entries, this.#offered(view), force);
    const entered = this.world.modals.enter(view, state);
    const errors = force ? {} : { ...problems(view.definition, state), ...refused };
    if (Object.keys(errors).length > 0) return { kind: 'refused_by_client', errors };
    if (!force && view.definition.submit === undefined) throw new Error('the modal has no submit button');
    return this.#send(entered);
  }

  /** Sends the form on top with exactly these `state.values`. */
  async submitRaw(state: StateValues): Promise<SubmitOutcome> {
    return this.#send({ ...this.#top(), state });
  }

  /** Types into an external select and gets what the app offers. */
  async options(blockId: string, query: string): Promise<OptionsOutcome> {
    const view = this.#top();
    const field = fieldsOf(view.definition).find((one) => one.blockId === blockId);
    if (field?.element.type !== 'external_select') throw new Error(`the form has no external select ${blockId}`);
    const min = asNumber(field.element.min_query_length) ?? MIN_QUERY;
    if (query.length < min) {
      return { kind: 'refused_by_client', errors: { [blockId]: `type at least ${min} characters` } };
    }
    const asked = { block_id: blockId, action_id: field.actionId, value: query };
    const body = suggestionBody(this.world, this.user, { view }, asked);
    const { ack } = await this.deliverer.deliver('interactive', body);
    if (ack.kind !== 'acked') return this.failed(ack, 'options');
    const found = violationsOfOptions(ack.response ?? {});
    if (found.length > 0) return this.#badAck(invalid('invalid_options', found.map(sentence)), 'options');
    const options = offeredOptions(ack.response ?? {});
    this.#loaded.set(`${view.id} ${blockId}`, options);
    return { kind: 'options', options };
  }

  /** Presses a button, or chooses from a menu, in the modal on top. */
  async clickInView(actionId: string, options: Pick & { confirm?: boolean } = {}): Promise<ClickOutcome> {
    const view = this.#top();
    const { action } = findElement(blocksOf(view.definition), actionId, options, 'the modal');
    return this.confirmed(action, options.confirm ?? true, () => viewActionBody(this.world, this.user, view, action));
  }

  /** Closes the modal on top (`all`: the whole stack); the app is told if the view asked for it. */
  async close({ all = false }: { all?: boolean } = {}): Promise<Ack | { kind: 'closed' }> {
    const view = this.#top();
    const cleared = all || view.definition.clear_on_close === true;
    if (cleared) this.world.modals.clear(this.id);
    else this.world.modals.close(view);
    if (view.definition.notify_on_close !== true) return { kind: 'closed' };
    const body = closedBody(this.world, this.user, view, cleared);
    return (await this.deliverer.deliver('interactive', body)).ack;
  }

  /** Goes through the confirmation dialog, if there is one, then sends. */
  protected async confirmed(action: JsonObject, yes: boolean, body: () => JsonObject): Promise<ClickOutcome> {
    const confirm = asObject(action.confirm);
    if (confirm !== undefined && !yes) return { kind: 'cancelled', confirm };
    const { ack } = await this.deliverer.deliver('interactive', body());
    if (ack.kind !== 'acked') this.failed(ack, asString(action.action_id) ?? '');
    return { ...ack, confirm };
  }

  /** Tells the person what Slack shows when an app fails. */
  protected failed<F extends Failed>(failed: F, what: string): F {
    const error =
      failed.kind === 'timeout' ? 'operation_timeout' : failed.kind === 'bad_ack' ? failed.error : 'dispatch_failed';
    this.world.notice(this.id, `${what} failed with the error "${error}"`);
    return failed;
  }

  #badAck(error: ApiError, what: string): Failed {
    return this.failed({ kind: 'bad_ack', error: error.code, details: error.details }, what);
  }

  #top(): OpenView {
    if (this.view === undefined) throw new Error(`${this.id} has no modal open`);
    return this.view;
  }

  #offered(view: OpenView) {
    return (blockId: string, element: JsonObject): JsonObject[] => {
      if (element.type !== 'external_select') return offeredOptions(element);
      const initial = asObject(element.initial_option);
      const entered = asObject(view.state[blockId]?.[asString(element.action_id) ?? '']?.selected_option);
      const known = [initial, entered].filter((one) => one !== undefined);
      const loaded = this.#loaded.get(`${view.id} ${blockId}`) ?? [];
      return [...loaded, ...known.filter((one) => !loaded.some((other) => isDeepStrictEqual(one, other)))];
    };
  }

  async #send(view: OpenView): Promise<SubmitOutcome> {
    const { ack } = await this.deliverer.deliver('interactive', submissionBody(this.world, this.user, view));
    if (ack.kind !== 'acked') return this.failed(ack, 'submit');
    try {
      return this.#answered(view, ack.response);
    } catch (error) {
      if (error instanceof ApiError) return this.#badAck(error, 'submit');
      throw error;
    }
  }

  #answered(view: OpenView, response: JsonObject | undefined): SubmitOutcome {
    const { modals } = this.world;
    switch (response?.response_action) {
      case undefined:
        if (response !== undefined) throw new ApiError('invalid_response_action');
        modals.close(view);
        return { kind: 'closed' };
      case 'clear':
        modals.clear(this.id);
        return { kind: 'cleared' };
      case 'update':
        return { kind: 'updated', view: modals.update(view, checkedView(this.world, response?.view, view.id)) };
      case 'push':
        return { kind: 'pushed', view: modals.push(this.id, checkedView(this.world, response?.view)) };
      case 'errors':
        return { kind: 'errors', errors: this.#errors(view, response?.errors) };
      default:
        throw new ApiError('invalid_response_action');
    }
  }

  #errors(view: OpenView, errors: JsonObject[string] | undefined): { [blockId: string]: string } {
    const found = violationsOfErrors(errors ?? null, view.definition);
    if (found.length > 0) throw invalid('invalid_errors', found.map(sentence));
    const entries = Object.entries(asObject(errors) ?? {});
    return Object.fromEntries(entries.map(([blockId, text]) => [blockId, asString(text) ?? '']));
  }
}

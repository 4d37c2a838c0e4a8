/** A modal's form: what is entered, what is wrong with it, and the way to the sandbox. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { asObject, asString, type Json, type JsonObject } from '../../../slack/json.ts';
import type { Entry, Outcome, ShownView } from '../../wire.ts';
import { type Edits, entriesOf, heldIn, stillThere, withEdit } from './edits.ts';
import { type Hand, type Loaded, useBusy } from './hand.ts';
import type { Live } from './live.ts';

const idOf = (value: Json | undefined): string => asString(value) ?? '';

const TYPED = ['plain_text_input', 'url_text_input', 'email_text_input', 'number_input'];
const isTyped = (element: JsonObject) => TYPED.includes(idOf(element.type));

/** Whether the app is told at once: elements outside an input always, those of an input where it asks for it. */
const tellsTheApp = (block: JsonObject) => block.type !== 'input' || block.dispatch_action === true;

/** When a text tells the app; Slack's default is on Enter. */
function tellsOn(block: JsonObject, element: JsonObject, moment: 'on_enter_pressed' | 'on_character_entered'): boolean {
  const asked = asObject(element.dispatch_action_config)?.trigger_actions_on;
  const moments = Array.isArray(asked) ? asked : ['on_enter_pressed'];
  return tellsTheApp(block) && moments.includes(moment);
}

interface Wrong {
  /** By block id. */
  fields: Readonly<Record<string, string>>;
  /** What is wrong with all of it. */
  form: string | null;
}

const NOTHING_WRONG: Wrong = { fields: {}, form: null };

const wrongIn = (outcome: Outcome): Wrong => {
  if (outcome.kind === 'errors') return { fields: outcome.errors, form: null };
  return outcome.kind === 'refused' ? { fields: {}, form: outcome.why } : NOTHING_WRONG;
};

/** What was entered here, for as long as its element is there; the newest at any moment, drawn or not. */
function useEdits({ definition }: ShownView) {
  const [drawn, setDrawn] = useState<Edits>({});
  const newest = useRef(drawn);
  const change = (to: Edits) => {
    newest.current = to;
    setDrawn(to);
  };
  useLayoutEffect(() => change(stillThere(newest.current, definition)), [definition]);
  return {
    newest,
    edit: (block: JsonObject, element: JsonObject, entry: Entry, option?: JsonObject) =>
      change(withEdit(newest.current, block, element, entry, option)),
  };
}

export interface ViewForm {
  hand: Hand;
  wrong: Wrong;
  busy: boolean;
  submit(): void;
  close(): void;
  /** Rises when a submission came back with errors at the fields. */
  refusals: number;
}

export function useViewForm(view: ShownView, live: Live, readOnly: boolean): ViewForm {
  const { edit, newest } = useEdits(view);
  const [wrong, setWrong] = useState(NOTHING_WRONG);
  const [refusals, setRefusals] = useState(0);
  const [busy, run] = useBusy();
  // What was wrong with a view that the bot has changed is no longer.
  useEffect(() => setWrong(NOTHING_WRONG), [view.hash]);

  const rightAgain = (block: JsonObject) =>
    setWrong(({ fields: { [idOf(block.block_id)]: _, ...fields }, form }) => ({ fields, form }));
  const settle = (outcome: Outcome) => {
    const { fields, form } = wrongIn(outcome);
    setWrong((before) => ({ fields: { ...before.fields, ...fields }, form }));
  };
  const tell = async (block: JsonObject, entry: Entry, how: 'choose' | 'fill') => {
    const id = idOf(block.block_id);
    settle(
      how === 'choose'
        ? await live.choose({ view: view.id, block: id, entry })
        : await live.fill({ view: view.id, entries: { [id]: entry } }),
    );
  };
  const change = (block: JsonObject, element: JsonObject, entry: Entry, option?: JsonObject) => {
    edit(block, element, entry, option);
    rightAgain(block);
  };

  const hand: Hand = {
    readOnly,
    held: (block, element) => heldIn(view.state, readOnly ? {} : newest.current, block, element),
    problem: (block) => wrong.fields[idOf(block.block_id)],
    press: async (block, element, pick) => {
      const [of, action] = [idOf(block.block_id), idOf(element.action_id)];
      settle(await live.press({ view: view.id, block: of, action, ...pick }));
    },
    type: (block, element, text) => {
      change(block, element, text || null);
      if (tellsOn(block, element, 'on_character_entered')) void tell(block, text || null, 'choose');
    },
    enter: (block, element, entry, option) => {
      change(block, element, entry, option);
      return tell(block, entry, tellsTheApp(block) && !isTyped(element) ? 'choose' : 'fill');
    },
    entered: (block, element, text) => {
      const tells = tellsOn(block, element, 'on_enter_pressed');
      if (tells) void tell(block, text || null, 'choose');
      return tells;
    },
    load: (block, query) => loaded(live, view.id, idOf(block.block_id), query),
  };

  const submit = () =>
    void run(async () => {
      const outcome = await live.submit({
        view: view.id,
        entries: entriesOf(view.definition, view.state, newest.current),
      });
      setWrong(wrongIn(outcome));
      if (outcome.kind === 'errors') setRefusals((before) => before + 1);
    });
  const close = () => void live.close({ view: view.id }).then(settle);
  return { hand, wrong, busy, submit, close, refusals };
}

async function loaded(live: Live, view: string, block: string, query: string): Promise<Loaded> {
  const outcome = await live.options({ view, block, query });
  switch (outcome.kind) {
    case 'options':
      return { options: outcome.options };
    case 'refused':
      return { why: outcome.why };
    case 'errors':
      return { why: outcome.errors[block] ?? 'Nothing could be looked up.' };
    case 'done':
      return { options: [] };
  }
}

/** What a message's blocks and a modal may contain. Everything that Slack would refuse is reported, nothing is cut. */
import {
  actionsElement,
  contextImage,
  inputElement,
  optionGroup,
  plainOption,
  sectionAccessory,
} from './element-rules.ts';
import { asObject, asString, type Json, type JsonObject, objectsIn } from './json.ts';
import { LIMITS } from './limits.ts';
import {
  all,
  anyText,
  boolean,
  byType,
  check,
  list,
  mrkdwn,
  oneOf,
  plainText,
  string,
  typed,
  type Violation,
} from './rules.ts';

const blockId = { block_id: string(LIMITS.blockId, 1) };

const BLOCKS = {
  section: all(
    typed(
      'section',
      {},
      {
        ...blockId,
        text: anyText(LIMITS.sectionText),
        fields: list(anyText(LIMITS.sectionField), { min: 1, max: LIMITS.sectionFields }),
        accessory: sectionAccessory,
        expand: boolean,
      },
    ),
    check((block) => block.text !== undefined || block.fields !== undefined, 'missing required field: text or fields'),
  ),
  header: typed('header', { text: plainText(LIMITS.header) }, blockId),
  context: typed(
    'context',
    {
      elements: list(
        byType({
          plain_text: plainText(LIMITS.textObject),
          mrkdwn: mrkdwn(LIMITS.textObject),
          image: contextImage,
        }),
        { min: 1, max: LIMITS.contextElements },
      ),
    },
    blockId,
  ),
  divider: typed('divider', {}, blockId),
  actions: typed('actions', { elements: list(actionsElement, { min: 1, max: LIMITS.actionsElements }) }, blockId),
  image: typed(
    'image',
    { image_url: string(LIMITS.imageUrl, 1), alt_text: string(LIMITS.altText, 1) },
    { ...blockId, title: plainText(LIMITS.imageTitle) },
  ),
  input: typed(
    'input',
    { label: plainText(LIMITS.inputLabel), element: inputElement },
    { ...blockId, hint: plainText(LIMITS.inputHint), optional: boolean, dispatch_action: boolean },
  ),
};

/** What whoever shows blocks must be able to show. */
export type BlockType = keyof typeof BLOCKS;

const block = byType(BLOCKS);

/** The interactive elements of a block, in order. */
export const elementsOf = (holder: JsonObject): JsonObject[] => {
  const single = asObject(holder.accessory) ?? asObject(holder.element);
  if (single !== undefined) return [single];
  return holder.type === 'actions' ? objectsIn(holder.elements) : [];
};

const repeated = (values: (string | undefined)[]): number =>
  values.findIndex((v, i) => v !== undefined && values.indexOf(v) < i);

function uniqueIds(blocks: JsonObject[], at: string, found: Violation[]): void {
  const twice = repeated(blocks.map((b) => asString(b.block_id)));
  if (twice >= 0) found.push({ pointer: `${at}/${twice}/block_id`, message: 'block_id already exists' });
  for (const [index, holder] of blocks.entries()) {
    // Slack asks for unique action ids within a block, not across the message.
    const again = repeated(elementsOf(holder).map((e) => asString(e.action_id)));
    if (again >= 0)
      found.push({ pointer: `${at}/${index}/elements/${again}/action_id`, message: 'action_id already exists' });
  }
}

function violationsOfBlocks(blocks: Json, max: number, at: string): Violation[] {
  const found: Violation[] = [];
  list(block, { max })(blocks, at, found);
  uniqueIds(objectsIn(blocks), at, found);
  return found;
}

export const violationsOfMessage = (blocks: Json): Violation[] =>
  violationsOfBlocks(blocks, LIMITS.messageBlocks, '/blocks');

const modal = typed(
  'modal',
  { title: plainText(LIMITS.viewTitle), blocks: () => {} },
  {
    submit: plainText(LIMITS.viewSubmit),
    close: plainText(LIMITS.viewClose),
    private_metadata: string(LIMITS.privateMetadata),
    callback_id: string(LIMITS.callbackId),
    external_id: string(LIMITS.externalId),
    clear_on_close: boolean,
    notify_on_close: boolean,
  },
);

const submitWithInputs = check(
  (view) => view.submit !== undefined || !objectsIn(view.blocks).some((b) => b.type === 'input'),
  'missing required field: submit',
);

export function violationsOfView(view: Json, at = '/view'): Violation[] {
  const found: Violation[] = [];
  all(modal, submitWithInputs)(view, at, found);
  const blocks = asObject(view)?.blocks;
  return blocks === undefined ? found : [...found, ...violationsOfBlocks(blocks, LIMITS.viewBlocks, `${at}/blocks`)];
}

/** What an options request was answered with: `options` or `option_groups`, at most 100 either way. */
export function violationsOfOptions(answer: JsonObject): Violation[] {
  const found: Violation[] = [];
  const { options, option_groups: groups } = answer;
  if ((options === undefined) === (groups === undefined)) {
    found.push({ pointer: '', message: 'exactly one of options and option_groups is required' });
  }
  if (options !== undefined) list(plainOption, { max: LIMITS.options })(options, '/options', found);
  if (groups !== undefined) list(optionGroup, { max: LIMITS.optionGroups })(groups, '/option_groups', found);
  return found;
}

export const violationsOfErrors = (errors: Json, view: JsonObject): Violation[] => {
  const inputs = objectsIn(view.blocks).filter((b) => b.type === 'input');
  const entries = Object.entries(asObject(errors) ?? {});
  if (entries.length === 0) return [{ pointer: '/errors', message: 'must name at least one block' }];
  return entries.flatMap(([id, message]) => {
    const found: Violation[] = [];
    string(LIMITS.errorText, 1)(message, `/errors/${id}`, found);
    oneOf(...inputs.flatMap((b) => asString(b.block_id) ?? []))(id, `/errors/${id}`, found);
    return found;
  });
};

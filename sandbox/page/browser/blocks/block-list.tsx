import './blocks.css';
import './buttons.css';
import './fields.css';
import './menus.css';
import './windows.css';
import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { BlockType } from '../../../slack/block-rules.ts';
import { asObject, asString, type Json, type JsonObject, objectsIn } from '../../../slack/json.ts';
import { Element } from './elements.tsx';
import type { Hand } from './hand.ts';
import { InputBlock } from './input-block.tsx';
import type { Reader } from './reader.ts';
import { Picture, Words, wordsIn } from './texts.tsx';

export interface BlockProps {
  block: JsonObject;
  reader: Reader;
  hand: Hand;
}

function Section({ block, reader, hand }: BlockProps): JSX.Element {
  const id = useId();
  const accessory = asObject(block.accessory);
  const fields = objectsIn(block.fields);
  const hasText = asObject(block.text) !== undefined;
  return (
    <div class="bk-section">
      <div class="bk-section-words">
        {hasText ? (
          <div class="bk-text" id={id}>
            <Words of={block.text} reader={reader} />
          </div>
        ) : null}
        {fields.length > 0 ? (
          <div class="bk-fields">
            {fields.map((field, at) => (
              <div class="bk-text" key={at}>
                <Words of={field} reader={reader} />
              </div>
            ))}
          </div>
        ) : null}
      </div>
      {accessory === undefined ? null : (
        <div class="bk-accessory">
          <Element
            {...{ element: accessory, block, reader, hand }}
            naming={{ id: `${id}-accessory`, ...(hasText ? { labelledBy: id } : { label: nameOf(accessory, reader) }) }}
          />
        </div>
      )}
    </div>
  );
}

/** What an element is called that nothing beside it names. */
const nameOf = (element: JsonObject, reader: Reader): string =>
  wordsIn(element.placeholder, reader) ?? (element.type === 'datepicker' ? 'Choose a date' : 'Choose an option');

function Header({ block, reader }: BlockProps): JSX.Element {
  return (
    <h3 class="bk-header">
      <Words of={block.text} reader={reader} />
    </h3>
  );
}

function Context({ block, reader }: BlockProps): JSX.Element {
  return (
    <div class="bk-context">
      {objectsIn(block.elements).map((one, at) =>
        one.type === 'image' ? (
          <Picture key={at} of={one} />
        ) : (
          <div class="bk-text" key={at}>
            <Words of={one} reader={reader} />
          </div>
        ),
      )}
    </div>
  );
}

function Actions({ block, reader, hand }: BlockProps): JSX.Element {
  const id = useId();
  return (
    <div class="bk-actions">
      {objectsIn(block.elements).map((element, at) => (
        <Element
          key={asString(element.action_id) ?? at}
          {...{ element, block, reader, hand }}
          naming={{ id: `${id}-${at}`, label: nameOf(element, reader) }}
        />
      ))}
    </div>
  );
}

function Image({ block, reader }: BlockProps): JSX.Element {
  return (
    <div class="bk-image">
      {asObject(block.title) === undefined ? null : (
        <div class="bk-image-title">
          <Words of={block.title} reader={reader} />
        </div>
      )}
      <Picture of={block} />
    </div>
  );
}

/** Every block that the rules let through has its component: one without does not compile. */
const BLOCKS: { [type in BlockType]: (props: BlockProps) => JSX.Element } = {
  section: Section,
  header: Header,
  context: Context,
  divider: () => <hr class="bk-divider" />,
  actions: Actions,
  image: Image,
  input: InputBlock,
};

const isKnown = (type: string): type is BlockType => Object.hasOwn(BLOCKS, type);

/** Throws on a type that is not in the table. */
export function Block(props: BlockProps): JSX.Element {
  const type = asString(props.block.type) ?? '';
  if (!isKnown(type)) throw new Error(`This page has no way to show a block of type ${type}.`);
  const Known = BLOCKS[type];
  return <Known {...props} />;
}

/** Blocks from top to bottom. Whoever calls it has looked whether Slack would take them. */
export function BlockList({ blocks, reader, hand }: { blocks: Json; reader: Reader; hand: Hand }): JSX.Element {
  return (
    <div class="bk-blocks">
      {objectsIn(blocks).map((block, at) => (
        <Block key={asString(block.block_id) ?? at} {...{ block, reader, hand }} />
      ))}
    </div>
  );
}

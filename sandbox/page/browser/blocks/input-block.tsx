import type { ComponentChildren, JSX } from 'preact';
import { useId } from 'preact/hooks';
import { asObject, asString } from '../../../slack/json.ts';
import type { BlockProps } from './block-list.tsx';
import { Element } from './elements.tsx';
import { Words } from './texts.tsx';

/** Several controls under one name. */
const GROUPS = ['radio_buttons', 'checkboxes'];

/** A field: its name, what it is, a hint, and what is wrong with what it holds. */
export function InputBlock({ block, reader, hand }: BlockProps): JSX.Element {
  const id = useId();
  const element = asObject(block.element) ?? {};
  const isGroup = GROUPS.includes(String(element.type));
  const problem = hand.problem(block);
  const hasHint = asObject(block.hint) !== undefined;
  const name: ComponentChildren = (
    <>
      <Words of={block.label} reader={reader} />
      {block.optional === true ? <span class="bk-optional"> (optional)</span> : null}
    </>
  );
  const described = [hasHint ? `${id}-hint` : [], problem === undefined ? [] : `${id}-problem`].flat();
  return (
    <div class="bk-input" data-block={asString(block.block_id)}>
      {isGroup ? null : (
        <label class="bk-label" for={id}>
          {name}
        </label>
      )}
      <Element
        {...{ element, block, reader, hand }}
        naming={{
          id,
          legend: isGroup ? <legend class="bk-label">{name}</legend> : undefined,
          describedBy: described.join(' ') || undefined,
          invalid: problem !== undefined,
          required: block.optional !== true,
        }}
      />
      {problem === undefined ? null : (
        <p class="bk-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
      {hasHint ? (
        <div class="bk-hint" id={`${id}-hint`}>
          <Words of={block.hint} reader={reader} />
        </div>
      ) : null}
    </div>
  );
}

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { asString, type JsonObject } from '../../../slack/json.ts';
import { BlockList } from './block-list.tsx';
import { type Edits, heldIn, withEdit } from './edits.ts';
import type { Hand, Pick } from './hand.ts';
import type { Reader } from './reader.ts';
import { refuseMessage } from './refused.ts';

/** Tells the bot what was pressed: by block id and action id, the button with this value or what a menu was set to. */
export type Press = (block: string, action: string, pick: Pick) => Promise<void>;

const NOBODY_LOADS = 'Choices that the app looks up can be had in a window only.';

/** In a message everything that is chosen is told at once; there is no form around it. */
function useMessageHand(press: Press | undefined): Hand {
  const [edits, setEdits] = useState<Edits>({});
  const tell = async (block: JsonObject, element: JsonObject, pick: Pick) =>
    press?.(asString(block.block_id) ?? '', asString(element.action_id) ?? '', pick);
  return {
    readOnly: press === undefined,
    held: (block, element) => heldIn({}, edits, block, element),
    press: tell,
    type: (block, element, text) => setEdits((before) => withEdit(before, block, element, text)),
    enter: async (block, element, entry, option) => {
      setEdits((before) => withEdit(before, block, element, entry, option));
      const value = asString(option?.value) ?? (Array.isArray(entry) ? entry.at(-1) : entry);
      if (typeof value === 'string') await tell(block, element, { choose: value });
    },
    entered: () => false,
    load: async () => ({ why: NOBODY_LOADS }),
    problem: () => undefined,
  };
}

/**
 * The blocks of a message. Without `press` they are only looked at. Throws RefusedBlocks where Slack would not take
 * them, so that nothing is left out in silence.
 */
export function Blocks(props: {
  blocks: readonly JsonObject[];
  reader: Reader;
  press?: Press | undefined;
}): JSX.Element {
  const { blocks, reader, press } = props;
  useMemo(() => refuseMessage(blocks), [blocks]);
  const hand = useMessageHand(press);
  return <BlockList blocks={[...blocks]} reader={reader} hand={hand} />;
}

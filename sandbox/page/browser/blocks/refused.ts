/** The page shows what Slack would show: what Slack refuses, it refuses as well, and never leaves a part out. */
import { violationsOfMessage, violationsOfView } from '../../../slack/block-rules.ts';
import type { JsonObject } from '../../../slack/json.ts';
import type { Violation } from '../../../slack/rules.ts';

/** Names every violation, by its JSON pointer. */
export class RefusedBlocks extends Error {
  override readonly name = 'RefusedBlocks';

  constructor(violations: readonly Violation[]) {
    super(violations.map(({ pointer, message }) => `${pointer}: ${message}`).join('; '));
  }
}

function refuse(violations: readonly Violation[]): void {
  if (violations.length > 0) throw new RefusedBlocks(violations);
}

/** Throws RefusedBlocks where Slack would answer `invalid_blocks`. */
export const refuseMessage = (blocks: readonly JsonObject[]): void => refuse(violationsOfMessage([...blocks]));

/** Throws RefusedBlocks where Slack would answer `invalid_arguments`. */
export const refuseView = (definition: JsonObject): void => refuse(violationsOfView(definition));

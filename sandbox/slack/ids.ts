/** Ids that stay unique when the server starts again: the bot's database remembers those of earlier runs. */
import { randomBytes, randomInt } from 'node:crypto';
import { elementsOf } from './block-rules.ts';
import type { JsonObject } from './json.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** e.g. `V08K3QJ2MZX`. */
export const newId = (prefix: string): string =>
  `${prefix}0${Array.from({ length: 9 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;

export const secret = (bytes = 16): string => randomBytes(bytes).toString('hex');

/** Slack's shape: three parts, the last one secret. */
export const newTriggerId = (): string => `${randomInt(1e12)}.${randomInt(1e12)}.${secret()}`;

/** Blocks with the ids that Slack makes up where the app gave none. */
export function withIds(blocks: JsonObject[]): JsonObject[] {
  const named = structuredClone(blocks);
  for (const block of named) {
    block.block_id ??= secret(3);
    for (const element of elementsOf(block)) if (element.type !== 'image') element.action_id ??= secret(3);
  }
  return named;
}

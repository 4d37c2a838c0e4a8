/** views.*: the modals the bot opens. */
import { violationsOfView } from './block-rules.ts';
import { ApiError, invalid } from './calls.ts';
import { asObject, asString, type Json, type JsonObject } from './json.ts';
import { LIMITS } from './limits.ts';
import { viewJson } from './modals.ts';
import { sentence } from './rules.ts';
import type { World } from './world.ts';

/** A view that Slack would show; `except` is the view it replaces, whose external id it may keep. */
export function checkedView(world: World, view: Json | undefined, except?: string): JsonObject {
  const definition = asObject(view);
  if (definition === undefined) throw invalid('invalid_arguments', ['[ERROR] missing required field: view']);
  const found = violationsOfView(definition);
  if (found.length > 0) throw invalid('invalid_arguments', found.map(sentence));
  if (Buffer.byteLength(JSON.stringify(definition)) > LIMITS.viewBytes) throw new ApiError('view_too_large');
  const externalId = asString(definition.external_id);
  const other = externalId ? world.modals.byExternalId(externalId) : undefined;
  if (other !== undefined && other.id !== except) throw new ApiError('duplicate_external_id');
  return definition;
}

export function open(args: JsonObject, world: World): JsonObject {
  const definition = checkedView(world, args.view);
  const user = world.triggers.exchange(asString(args.trigger_id) ?? '');
  return { view: viewJson(world.modals.open(user, definition), world.bot) };
}

export function push(args: JsonObject, world: World): JsonObject {
  const definition = checkedView(world, args.view);
  const user = world.triggers.exchange(asString(args.trigger_id) ?? '');
  return { view: viewJson(world.modals.push(user, definition), world.bot) };
}

export function update(args: JsonObject, world: World): JsonObject {
  const externalId = asString(args.external_id);
  const view = externalId ? world.modals.byExternalId(externalId) : world.modals.find(asString(args.view_id) ?? '');
  if (view === undefined) throw new ApiError('not_found');
  const definition = checkedView(world, args.view, view.id);
  const hash = asString(args.hash);
  if (hash !== undefined && hash !== view.hash) throw new ApiError('hash_conflict');
  return { view: viewJson(world.modals.update(view, definition), world.bot) };
}

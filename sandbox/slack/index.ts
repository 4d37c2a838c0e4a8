/** The local Slack: a server that behaves like Slack where the bot can tell. Development only, on 127.0.0.1 only. */
import { LocalSlack } from './local-slack.ts';
import type { LocalSlackOptions } from './world.ts';

export const startLocalSlack = (options: LocalSlackOptions): Promise<LocalSlack> => new LocalSlack(options).start();

export type { ApiCall, Reply } from './calls.ts';
export type { Change, Listener } from './changes.ts';
export type { Ack, Delivery, DeliveryKind, Posted, PostOptions, Retry } from './deliver.ts';
export type { NewChannel, NewGroup, NewUser, SlackChannel, SlackGroup, SlackUser } from './directory.ts';
export { pressable } from './elements.ts';
export { groupMembersChanged, groupUpdated, userChanged } from './events.ts';
export type { Fault, FaultHandle, FaultOptions } from './faults.ts';
export type { Entries, Entry, StateValues } from './form.ts';
export type { Json, JsonObject } from './json.ts';
export { LIMITS } from './limits.ts';
export { LocalSlack } from './local-slack.ts';
export type { Message } from './messages.ts';
export type { OpenView } from './modals.ts';
export type { ClickOutcome, CommandOutcome, OptionsOutcome, SubmitOutcome } from './outcomes.ts';
export { type Pacing, type Rate, TIERS } from './pacing.ts';
export type { ClickOptions, Person, Target } from './person.ts';
export { type Reader, readMrkdwn, renderBlock, renderMessage, renderView } from './text.ts';
export type { WaitOptions } from './wait.ts';
export type { Bot, LocalSlackOptions } from './world.ts';

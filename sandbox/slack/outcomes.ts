/** What a person sees after doing something. */

import type { Ack } from './deliver.ts';
import type { JsonObject } from './json.ts';
import type { OpenView } from './modals.ts';

/** Answers that the bot did not give in the way Slack takes them; what Slack shows instead is in the person's notices. */
export type Failed = Exclude<Ack, { kind: 'acked' }> | { kind: 'bad_ack'; error: string; details: JsonObject };

/** Slack's client did not send it; by block id, why. */
interface RefusedByClient {
  kind: 'refused_by_client';
  errors: { [blockId: string]: string };
}

export type CommandOutcome = Ack | Failed;

export type ClickOutcome = (Ack | { kind: 'cancelled' }) & {
  /** The confirmation dialog the person went through, if the button has one. */
  confirm: JsonObject | undefined;
};

export type SubmitOutcome =
  | { kind: 'closed' }
  | { kind: 'cleared' }
  | { kind: 'errors'; errors: { [blockId: string]: string } }
  | { kind: 'updated'; view: OpenView }
  | { kind: 'pushed'; view: OpenView }
  | RefusedByClient
  | Failed;

export type OptionsOutcome = { kind: 'options'; options: JsonObject[] } | RefusedByClient | Failed;

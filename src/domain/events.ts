import type { AttachmentKind } from './evidence.ts';
import type { Grant } from './grant.ts';
import type { SignIn } from './linking.ts';
import type { Refusal } from './refusals.ts';
import type { ReviewAnswers } from './review-answers.ts';
import type { LegRole, PersonId } from './words.ts';

/** By whom; and whether that was at the API, not in Slack. */
type By<Person> = { by: Person; outside?: true };

/** A fact in the past tense. One event is one audit row; its action is the grant's kind and the event's name. */
export type GrantEvent =
  | { name: 'requested'; grant: Grant }
  | { name: 'ownerless_waived'; legs: readonly LegRole[] }
  | ({
      name: 'approved';
      leg: LegRole;
      at: Date;
      minutes: number | null;
      comment: string | null;
      signIn?: SignIn | null;
    } & By<PersonId>)
  | { name: 'activated'; at: Date; expiresAt: Date; minutes: number }
  | ({ name: 'denied'; leg: LegRole; at: Date; reason: string } & By<PersonId>)
  | ({ name: 'withdrawn'; at: Date; reason: string | null } & By<PersonId | null>)
  | { name: 'lapsed'; at: Date; dueAt: Date }
  | ({ name: 'ended'; at: Date } & By<PersonId>)
  | ({ name: 'revoked'; at: Date; reason: string } & By<PersonId | null>)
  | { name: 'expired'; at: Date; dueAt: Date };

export type ReviewEvent =
  | { name: 'review_opened'; operator: PersonId; dueAt: Date }
  | { name: 'review_overdue'; at: Date; operator: PersonId; dueAt: Date }
  | ({ name: 'reviewed'; at: Date; answers: ReviewAnswers } & By<PersonId>)
  | ({ name: 'review_excused'; at: Date; reason: string } & By<PersonId>);

export interface EvidenceEvent {
  name: 'evidence_attached';
  /** Nobody: a service. */
  by: PersonId | null;
  id: string;
  kind: AttachmentKind;
  title: string;
  links: readonly string[];
  content: string;
  /** Of the content, as UTF-8. */
  bytes: number;
  /** Of the same, hexadecimal. */
  sha256: string;
  late: boolean;
}

/** What a rule says: what happened, or why not. Never both, never an exception. */
export type Decision<E> = { events: readonly E[]; refusal?: never } | { refusal: Refusal; events?: never };

export const refuse = (refusal: Refusal): { refusal: Refusal } => ({ refusal });

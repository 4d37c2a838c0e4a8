import { commentMistake } from './decide.ts';
import { type Decision, type EvidenceEvent, refuse } from './events.ts';
import { type Grant, stateAt } from './grant.ts';
import type { Refusal } from './refusals.ts';
import { codePoints, isStorable, isWebLink, visible } from './text.ts';
import type { PersonId } from './words.ts';

export const attachmentKinds = ['note', 'log_lines', 'snapshot_before', 'snapshot_after'] as const;
export type AttachmentKind = (typeof attachmentKinds)[number];

/** What somebody hands in about a session. */
export interface Evidence {
  kind: AttachmentKind;
  title: string;
  links: readonly string[];
  /** A text, or JSON as one. */
  content: string;
}

/** What it is from then on, counted and hashed as UTF-8. */
export interface Hashed {
  id: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** What was handed in, without its content. */
export interface Attachment extends Hashed {
  kind: AttachmentKind;
  title: string;
  links: readonly string[];
  /** It came after the access had ended. */
  late: boolean;
  /** `slack:T0HOME:U0OPS` or `key:documents`. */
  addedBy: string;
  addedAt: Date;
}

/** Characters, links and bytes. */
export const EVIDENCE = { title: 200, links: 10, linkLength: 1_000, bytes: 262_144 } as const;

/**
 * Attach evidence to a session, active or over: its operator, or a service that was given a key. What comes after the
 * end is taken and marked late.
 * @param by the person who acts; null for a service
 */
export function attach(
  grant: Grant,
  by: PersonId | null,
  evidence: Evidence,
  hashed: Hashed,
  now: Date,
): Decision<EvidenceEvent> {
  if (by !== null && by !== grant.requester) return refuse({ kind: 'not_yours' });
  if (!('activatedAt' in grant.status)) return refuse({ kind: 'never_active' });
  const mistake = evidenceMistake(evidence, hashed.bytes);
  if (mistake) return refuse(mistake);
  const late = stateAt(grant, now) !== 'active';
  return { events: [{ name: 'evidence_attached', by, ...evidence, ...hashed, late }] };
}

function evidenceMistake({ title, links, content }: Evidence, bytes: number): Refusal | null {
  const { title: max } = EVIDENCE;
  if (!isStorable(title)) return { kind: 'unprintable_text', field: 'title' };
  if (visible(title) === '' || codePoints(title) > max) {
    return { kind: 'reason_length', field: 'title', min: 1, max, found: codePoints(title) };
  }
  if (!isStorable(content)) return { kind: 'unprintable_text', field: 'note' };
  if (bytes > EVIDENCE.bytes) return { kind: 'evidence_too_large', max: EVIDENCE.bytes, found: bytes };
  if (links.length > EVIDENCE.links || !links.every(isLink)) return { kind: 'links_wrong', max: EVIDENCE.links };
  return visible(content) === '' && links.length === 0 ? { kind: 'nothing_attached' } : null;
}

const isLink = (text: string): boolean =>
  isWebLink(text) && text.length <= EVIDENCE.linkLength && commentMistake(text, 'links') === null;

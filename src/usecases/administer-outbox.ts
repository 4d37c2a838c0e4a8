import type { AuditRecord } from '../domain/audit.ts';
import { addMinutes } from '../domain/grant.ts';
import type { Refusal } from '../domain/refusals.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { dropDead, holdNotice, holdUntil, noticesBehind, type Undelivered } from '../store/dead-notices.ts';
import { readClock } from '../store/policies.ts';
import { type Administrator, administer, type Done, look, mistakeInReason } from './administer.ts';
import type { Context, Refused, Work } from './context.ts';
import { requeueIn } from './requeue.ts';

/** As long as the database lets a notice wait on somebody's word. */
const HELD_AT_MOST_MINUTES = 7 * 24 * 60;
/** And one that somebody has to be told: long enough to wait out a moment, too short to hide behind. */
const DUE_WITHIN_MINUTES = 15;

export interface NoticeView {
  id: string;
  state: 'dead' | 'waiting';
  kind: string;
  destination: string;
  /** The tenant's key. */
  tenant: string | null;
  grant: string | null;
  createdAt: string;
  /** When it was given up. */
  since: string | null;
  notBefore: string;
  attempts: number;
  error: string | null;
  /** Nobody has to be told of it, so that it may be dropped once it is dead. */
  droppable: boolean;
}

interface OfNotice {
  by: Administrator;
  id: string;
}

/** Notices that are dead or wait, the oldest first, behind `after`; of the caller's tenants. */
export const listNotices = (
  context: Context,
  { by, state, after, limit }: { by: Administrator; state: 'dead' | 'waiting'; after: string | null; limit: number },
  work: Work,
): Promise<Done<{ notices: NoticeView[]; next: string | null }> | Refused> =>
  look(
    context,
    {
      ...{ verb: 'list notices', by, about: state },
      decide: async (tx) => {
        const from = after === null ? null : numberOf(after);
        if (after !== null && from === null) return { kind: 'unknown_notice' };
        const page = { state, after: from, limit: limit + 1, tenants: by.tenants };
        const found = await noticesBehind(tx, page);
        const notices = found.slice(0, limit).map((notice) => viewOf(notice, context));
        return { notices, next: found.length > limit ? (notices.at(-1)?.id ?? null) : null };
      },
    },
    work,
  );

/** Sends every dead notice of the caller's tenants again, marked as late. */
export const requeueNotices = (
  context: Context,
  { by }: { by: Administrator },
  work: Work,
): Promise<Done<{ ids: string[] }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'requeue notices', by, about: null, body: null },
      decide: async (tx) => {
        const again = await requeueIn(tx, { actor: by.name, ids: null, tenants: by.tenants }, work.requestId);
        return { ids: again.map(({ id }) => String(id)) };
      },
    },
    work,
  );

export const requeueNotice = (
  context: Context,
  { by, id }: OfNotice,
  work: Work,
): Promise<Done<{ id: string }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'requeue a notice', by, about: id, body: null },
      decide: async (tx) => {
        const found = await heldBy(tx, by, id);
        if ('refusal' in found) return found.refusal;
        if (found.state !== 'dead') return { kind: 'not_dead' };
        await requeueIn(tx, { actor: by.name, ids: [found.id] }, work.requestId);
        return { id };
      },
    },
    work,
  );

/** Gives a dead notice up for good, with a reason; not one that somebody has to be told. */
export const dropNotice = (
  context: Context,
  { by, id, reason }: OfNotice & { reason: string },
  work: Work,
): Promise<Done<{ id: string }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'drop a notice', by, about: id, body: { reason } },
      decide: async (tx) => {
        const found = await heldBy(tx, by, id);
        if ('refusal' in found) return found.refusal;
        if (found.state !== 'dead') return { kind: 'not_dead' };
        if (!mayDrop(found, context)) return { kind: 'not_to_be_silenced' };
        const mistake = mistakeInReason(reason);
        if (mistake) return mistake;
        await dropDead(tx, found.id, by.name, reason);
        const details = { reason, before: 'dead', after: 'dropped' };
        await onRecord(tx, 'notice.dropped', found, details, by, work);
        return { id };
      },
    },
    work,
  );

/**
 * Has a waiting notice go out at another time. Nothing waits behind it meanwhile. One that somebody has to be told waits for
 * a quarter of an hour from when it was written, and no other for longer than it may before it is given up.
 * @param at ISO 8601; a time that has passed means as soon as it can be sent
 */
export const retimeNotice = (
  context: Context,
  { by, id, at }: OfNotice & { at: string },
  work: Work,
): Promise<Done<{ id: string; notBefore: string }> | Refused> =>
  administer(
    context,
    {
      ...{ verb: 'retime a notice', by, about: id, body: { at } },
      decide: async (tx) => {
        const found = await heldBy(tx, by, id);
        if ('refusal' in found) return found.refusal;
        if (found.state !== 'waiting') return { kind: 'not_waiting' };
        const wanted = new Date(at);
        if (Number.isNaN(wanted.getTime())) return { kind: 'field_wrong', field: 'at', expected: 'a time in ISO 8601' };
        const { now } = await readClock(tx);
        const latest = latestFor(found, context);
        if (wanted > now && wanted > latest) return { kind: 'time_out_of_bounds', latest };
        await holdUntil(tx, found.id, wanted > now ? wanted : null);
        const notBefore = (wanted > now ? wanted : now).toISOString();
        const details = { before: found.notBefore, after: notBefore };
        await onRecord(tx, 'notice.retimed', found, details, by, work);
        return { id, notBefore };
      },
    },
    work,
  );

/**
 * A notice in the caller's sight, its row held. A delivery that has begun holds a lease and not the row: what it sends arrives
 * all the same.
 */
async function heldBy(
  tx: Tx,
  { tenants }: Administrator,
  id: string,
): Promise<(Undelivered & { refusal?: never }) | { refusal: Refusal }> {
  const number = numberOf(id);
  const found = number === null ? null : await holdNotice(tx, number);
  const isSeen = found && (tenants === null || (found.tenant !== null && tenants.includes(found.tenant)));
  if (!isSeen) return { refusal: { kind: 'unknown_notice' } };
  return found.dropped ? { refusal: { kind: 'notice_dropped' } } : found;
}

const numberOf = (id: string): bigint | null => (/^\d{1,18}$/.test(id) ? BigInt(id) : null);

/** The database holds to the closed list; where security is told is in the file. */
const mayDrop = ({ droppable, destination }: Undelivered, { inForce }: Context): boolean =>
  droppable && destination !== inForce().channels.security;

function latestFor(notice: Undelivered, context: Context): Date {
  const { countsFrom, answerBy } = notice;
  const usual = Math.min(context.inForce().file.deadAfterMinutes, HELD_AT_MOST_MINUTES);
  if (mayDrop(notice, context)) return addMinutes(countsFrom, usual);
  const latest = addMinutes(countsFrom, Math.min(usual, DUE_WITHIN_MINUTES));
  return answerBy && answerBy < latest ? answerBy : latest;
}

const onRecord = (
  tx: Tx,
  action: 'notice.dropped' | 'notice.retimed',
  { id, kind, destination, tenant, grant }: Undelivered,
  details: AuditRecord['details'],
  by: Administrator,
  { requestId }: Work,
) => {
  const notice = { notice: String(id), kind, destination };
  return recordAudit(tx, [{ action, actor: by.name, tenant, grant, details: { ...notice, ...details } }], requestId);
};

const viewOf = (notice: Undelivered, context: Context): NoticeView => ({
  id: String(notice.id),
  state: notice.state === 'dead' ? 'dead' : 'waiting',
  ...{ kind: notice.kind, destination: notice.destination, tenant: notice.tenantKey, grant: notice.grant },
  createdAt: notice.createdAt.toISOString(),
  since: notice.since?.toISOString() ?? null,
  notBefore: notice.notBefore.toISOString(),
  ...{ attempts: notice.attempts, error: notice.error, droppable: mayDrop(notice, context) },
});

import { z } from 'zod';
import {
  dropNotice,
  listNotices,
  requeueNotice,
  requeueNotices,
  retimeNotice,
} from '../../usecases/administer-outbox.ts';
import type { Context } from '../../usecases/context.ts';
import { administratorOf, given } from './administration.ts';
import { type Endpoint, endpoint, json } from './endpoint.ts';
import { cursorOf, limitOf, moment, pageOf, pageQuery, placeOf, typed } from './words.ts';

const noticeAnswer = z
  .object({
    id: z.string(),
    state: z.enum(['dead', 'waiting']),
    kind: z.string(),
    destination: z.string(),
    tenant: z.string().nullable(),
    grant: z.string().nullable(),
    created_at: moment,
    since: moment.nullable().meta({ description: 'When it was given up' }),
    not_before: moment,
    attempts: z.int(),
    error: z.string().nullable(),
    droppable: z.boolean(),
  })
  .meta({ id: 'Notice' });

const path = z.object({ id: z.string().regex(/^[1-9]\d{0,17}$/) });
const described = { tag: 'Notices' as const, unknown: { kind: 'unknown_notice' } as const };
const oneId = z.object({ id: z.string() });

/** The outbox: what waits, what was given up, and what may be done about it. */
export const noticeEndpoints = (context: Context): Endpoint[] => [
  endpoint({
    ...{ method: 'get', path: '/notices', id: 'listNotices', verb: 'list notices', ...described },
    summary: 'Notices that wait, or that were given up',
    roles: ['admin', 'auditor'],
    query: z.strictObject({
      state: z.enum(['dead', 'waiting'], { error: 'expected dead or waiting' }).default('dead'),
      ...pageQuery,
    }),
    answer: json(pageOf(noticeAnswer), 'A page'),
    handle: async (asked) => {
      const { state, limit, cursor } = asked.query;
      const after = placeOf(cursor, /^[1-9]\d{0,17}$/);
      const wish = { by: administratorOf(asked), state, after, limit: limitOf(limit) };
      const { notices, next } = given(await listNotices(context, wish, asked.work));
      return {
        data: notices.map(({ createdAt, notBefore, ...rest }) => ({
          ...{ ...rest, created_at: createdAt, not_before: notBefore },
        })),
        next: next && cursorOf(next),
      };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/notices/requeue', id: 'requeueNotices', verb: 'requeue notices', ...described },
    summary: 'Send every dead notice again, marked as late',
    roles: ['admin'],
    answer: json(z.object({ ids: z.array(z.string()) }), 'Those that wait again'),
    handle: async (asked) => ({
      ids: given(await requeueNotices(context, { by: administratorOf(asked) }, asked.work)).ids,
    }),
  }),
  endpoint({
    ...{ method: 'post', path: '/notices/{id}/requeue', id: 'requeueNotice', verb: 'requeue a notice', ...described },
    summary: 'Send a dead notice again, marked as late',
    roles: ['admin'],
    params: path,
    answer: json(oneId, 'The notice'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), id: asked.params.id };
      return { id: given(await requeueNotice(context, about, asked.work)).id };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/notices/{id}/drop', id: 'dropNotice', verb: 'drop a notice', ...described },
    summary: 'Give up a notice that nobody needs, with a reason',
    roles: ['admin'],
    params: path,
    body: z.strictObject({ reason: typed(4_000) }),
    answer: json(oneId, 'The notice'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), id: asked.params.id, reason: asked.body.reason };
      return { id: given(await dropNotice(context, about, asked.work)).id };
    },
  }),
  endpoint({
    ...{ method: 'post', path: '/notices/{id}/retime', id: 'retimeNotice', verb: 'retime a notice', ...described },
    summary: 'Let a notice wait until another time',
    roles: ['admin'],
    params: path,
    body: z.strictObject({
      at: z.iso.datetime({ offset: true, error: 'expected a time such as 2026-01-05T09:30:00Z' }),
    }),
    answer: json(z.object({ id: z.string(), not_before: moment }), 'The notice, and from when on it is tried'),
    handle: async (asked) => {
      const about = { by: administratorOf(asked), id: asked.params.id, at: new Date(asked.body.at).toISOString() };
      const { id, notBefore } = given(await retimeNotice(context, about, asked.work));
      return { id, not_before: notBefore };
    },
  }),
];

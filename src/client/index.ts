/**
 * The guard for content services: `import { createGuard } from 'breakglass-bot/guard'`.
 * It asks a Breakglass server whether an operator holds a live grant (OpenID AuthZEN Authorization API 1.0), and lets
 * nobody in on any answer but a clear yes. It needs nothing but the global `fetch`.
 */
export type { Allowed, Answer, Denied, Unavailable } from './answer.ts';
export type { Doors } from './doors.ts';
export { AccessRefused, CheckUnavailable } from './errors.ts';
export { createGuard, type Guard, type GuardOptions } from './guard.ts';
export type { Caller, ModelActions, PrismaExtension, PrismaGuardOptions } from './prisma.ts';
export type { Question, Resource } from './question.ts';
export { evaluationOf, type From, type Rule } from './require-grant.ts';

import { checkSync } from 'recheck';
import { z } from 'zod';
import { CRON_EXPECTED, isCron } from '../cron.ts';
import { isTimezone, TIMEZONE_EXPECTED } from '../domain/schedule.ts';
import { ACCOUNT_EXPECTED, accountShape, tenantKeyExpected, tenantKeyShape, tenantNameMost } from '../domain/tenant.ts';
import { legRoles, type StaffRole, scopes, staffRoles } from '../domain/words.ts';

const slackId = (letters: string, what: string) =>
  z.string().regex(new RegExp(`^[${letters}][A-Z0-9]{2,}$`), { error: `expected ${what}` });
const team = slackId('TE', "a Slack team's id such as T0HOME");
const channel = slackId('CG', "a Slack channel's id such as C0SEC");
const user = slackId('UW', "a Slack user's id such as U0OPS");
const group = slackId('S', "a Slack user group's id such as S0SUPPORT");
const account = z.string().regex(accountShape, { error: `expected ${ACCOUNT_EXPECTED}` });
const minutes = z.int({ error: 'expected whole minutes' }).min(1, { error: 'expected 1 minute or more' });
/** A week: beyond that, access is not an emergency. */
const longest = minutes.max(10_080, { error: 'expected 10080 minutes (7 days) or fewer' });

const role = z.strictObject({
  people: z.array(user).default([]),
  groups: z.array(group).default([]),
  idp_groups: z.array(z.string().min(1, { error: "expected a group's name" })).default([]),
});

const stepUp = z.strictObject({
  acr_values: z
    .array(z.string().regex(/^[\x21-\x7e]{1,200}$/, { error: 'expected a word without spaces' }))
    .default([]),
  max_age_seconds: z
    .int({ error: 'expected whole seconds' })
    .min(30, { error: 'expected 30 seconds or more' })
    .max(3_600, { error: 'expected 3600 seconds (an hour) or fewer' })
    .default(300),
});

const scope = z
  .strictObject({
    minutes: z
      .strictObject({ default: longest, max: longest })
      .refine((m) => m.default <= m.max, { error: 'expected a default no longer than max' }),
    legs: z
      .array(z.enum(legRoles))
      .refine((legs) => new Set(legs).size === legs.length, { error: 'expected each leg once' }),
    lapse_minutes: longest,
    usual_uses: z.int({ error: 'expected a whole number' }).min(1, { error: 'expected 1 or more' }),
  })
  .partial()
  .extend({ step_up: stepUp.optional() });

const pattern = z.string().transform((source, context) => {
  try {
    const compiled = new RegExp(source, 'u');
    // Somebody could type a ticket that keeps a careless pattern busy for ever, and the bot with it.
    if (checkSync(source, 'u', { timeout: 2_000 }).status === 'safe') return compiled;
    context.addIssue({ code: 'custom', message: 'expected a pattern that cannot backtrack catastrophically' });
    return z.NEVER;
  } catch (error) {
    context.addIssue({ code: 'custom', message: `expected a regular expression (${String(error)})` });
    return z.NEVER;
  }
});

const link = z.string().refine((text) => /^https?:\/\/[^\s<>|]+$/.test(text) && text.includes('{ticket}'), {
  error: 'expected a web address that contains {ticket}',
});

const timezone = z.string().refine(isTimezone, { error: `expected ${TIMEZONE_EXPECTED}` });
const cron = z.string().refine(isCron, { error: `expected ${CRON_EXPECTED}` });

const tenant = z.strictObject({
  key: z
    .string()
    .regex(tenantKeyShape, { error: `expected ${tenantKeyExpected}` })
    .refine((key) => key !== 'system', { error: 'expected a key other than system, which is taken' }),
  name: z
    .string()
    .trim()
    .min(1, { error: 'expected a name' })
    .max(tenantNameMost, { error: `expected ${tenantNameMost} characters or fewer` }),
  channel: channel.optional(),
  owners: z
    .array(
      z.union([account, z.strictObject({ person: account, guest: z.boolean().default(false) })], {
        error: "expected a Slack user's id or a map of person and guest",
      }),
    )
    .default([]),
  shared: z.boolean().default(false),
});

const keyName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,62}$/, { error: 'expected the name of an API key' });
const webAddress = z.url({ protocol: /^https?$/, error: 'expected a web address such as https://id.example.com' });
const scopeName = z.enum(scopes);
const needs = z.array(scopeName).min(1, { error: 'expected at least one scope' });
const properties = z
  .record(
    z.string(),
    z.union([z.string(), z.number(), z.boolean()], { error: 'expected text, a number, true or false' }),
  )
  .default({});
const action = z.strictObject({
  needs,
  when: z
    .array(
      z
        .strictObject({ resource: properties, action: properties, needs })
        .refine((variant) => Object.keys({ ...variant.resource, ...variant.action }).length > 0, {
          error: 'expected at least one property of the resource or the action',
        }),
    )
    .default([]),
});
const client = z.union(
  [
    z.strictObject({ key: keyName, subject: z.string().min(1, { error: 'expected a subject' }) }),
    z.strictObject({
      key: keyName,
      certificate: z
        .record(z.string().regex(/^[A-Za-z0-9.]{1,64}$/), z.string().min(1))
        .refine((names) => Object.keys(names).length > 0, { error: "expected the names of a certificate's subject" }),
    }),
  ],
  { error: 'expected key with subject, or key with certificate' },
);
const api = z
  .strictObject({
    groups_claim: z.string().min(1, { error: 'expected the name of a claim' }).default('groups'),
    token_type: z.enum(['at+jwt', 'JWT'], { error: 'expected at+jwt or JWT' }).default('at+jwt'),
    clients: z.array(client).default([]),
  })
  .prefault({});
/** The shape of breakglass.yml: what it says, before what goes without saying. */
export const file = z.strictObject({
  slack: z.strictObject({ team }),
  channels: z.strictObject({ security: channel, ops: channel }),
  tickets: z.strictObject({ pattern, link: link.optional() }),
  roles: z.strictObject(
    Object.fromEntries(staffRoles.map((name) => [name, role.prefault({})])) as Record<
      StaffRole,
      z.ZodPrefault<typeof role>
    >,
  ),
  identities: z
    .record(
      account,
      z.strictObject({ issuer: webAddress, subject: z.string().min(1, { error: 'expected a subject' }) }),
    )
    .default({}),
  scopes: z.partialRecord(scopeName, scope).default({}),
  actions: z
    .record(z.string().regex(/^[a-z][a-z0-9_.]*$/, { error: 'expected an action such as content.read' }), action)
    .default({}),
  tenants: z.array(tenant).default([]),
  schedules: z
    .strictObject({ digest: z.strictObject({ cron, timezone: timezone.default('UTC') }).nullable() })
    .default({ digest: { cron: '0 8 * * *', timezone: 'UTC' } }),
  notices: z.strictObject({ dead_after_minutes: minutes }).default({ dead_after_minutes: 4320 }),
  api,
});

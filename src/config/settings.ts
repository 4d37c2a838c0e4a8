import { createHash } from 'node:crypto';
import { validateDetailed } from 'node-cron';
import { checkSync } from 'recheck';
import { z } from 'zod';
import type { ActionRule } from '../domain/check.ts';
import type { Policy, ScopePolicy } from '../domain/policy.ts';
import { kindOf, legRoles, type Scope, type StaffRole, scopes, staffRoles } from '../domain/words.ts';
import { defaultActions, defaultScopes } from './catalogue.ts';
import { linesOf } from './issues.ts';
import { lines } from './mistakes.ts';
import { readYaml } from './yaml.ts';

/** A Slack account as the configuration and the audit write it: `T0HOME:U0OPS`. */
export type SlackAccount = string;

export interface TenantSetting {
  key: string;
  name: string;
  channel: string | null;
  shared: boolean;
  owners: readonly { account: SlackAccount; guestAllowed: boolean }[];
}

/** breakglass.yml, checked. */
export interface Settings {
  /** The file as read: what `hash` is of. */
  text: string;
  hash: string;
  team: string;
  channels: { security: string; ops: string };
  tickets: { pattern: RegExp; link: string | null };
  roles: Readonly<Record<StaffRole, { people: readonly SlackAccount[]; groups: readonly string[] }>>;
  scopes: Readonly<Record<Scope, ScopePolicy>>;
  actions: Readonly<Record<string, ActionRule>>;
  /** Slack account -> how an identity provider names the same person. */
  identities: Readonly<Record<SlackAccount, { issuer: string; subject: string }>>;
  tenants: readonly TenantSetting[];
  schedules: { digest: { cron: string; timezone: string } | null };
  notices: { deadAfterMinutes: number };
}

export const policyOf = ({ hash, tickets, scopes: byName, actions }: Settings): Policy => ({
  hash,
  ticketPattern: tickets.pattern,
  scopes: byName,
  actions,
});

const slackId = (letters: string, what: string) =>
  z.string().regex(new RegExp(`^[${letters}][A-Z0-9]{2,}$`), { error: `expected ${what}` });
const team = slackId('TE', "a Slack team's id such as T0HOME");
const channel = slackId('CG', "a Slack channel's id such as C0SEC");
const user = slackId('UW', "a Slack user's id such as U0OPS");
const group = slackId('S', "a Slack user group's id such as S0SUPPORT");
const account = z.string().regex(/^([TE][A-Z0-9]{2,}:)?[UW][A-Z0-9]{2,}$/, {
  error: "expected a Slack user's id such as U0OPS, or with their team, T0ACME:U0BOSS",
});
const minutes = z.int({ error: 'expected whole minutes' }).min(1, { error: 'expected 1 minute or more' });
/** A week: beyond that, access is not an emergency. */
const longest = minutes.max(10_080, { error: 'expected 10080 minutes (7 days) or fewer' });

const role = z.strictObject({
  people: z.array(user).default([]),
  groups: z.array(group).default([]),
  idp_groups: z.array(z.string().min(1, { error: "expected a group's name" })).default([]),
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
  .partial();

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

const timezone = z.string().refine(isTimezone, {
  error: 'expected a time zone such as UTC or Europe/Berlin',
});
/** Any name of the time zone database. `Intl.supportedValuesOf` lists one name a zone, and not always today's. */
function isTimezone(name: string): boolean {
  try {
    return /^[a-z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const cron = z
  .string()
  .refine((expression) => validateDetailed(expression).valid && expression.trim().split(/\s+/).length === 5, {
    error: 'expected a cron expression of five fields such as 0 8 * * *',
  });

const tenant = z.strictObject({
  key: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, { error: 'expected lower case letters, digits and dashes' })
    .refine((key) => key !== 'system', { error: 'expected a key other than system, which is taken' }),
  name: z.string().trim().min(1, { error: 'expected a name' }).max(120, { error: 'expected 120 characters or fewer' }),
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
const file = z.strictObject({
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
});

/**
 * Reads the text of breakglass.yml.
 * @throws ConfigurationError with one line a mistake: where, what was expected, what was found
 */
export function parseSettings(text: string, name: string): Settings {
  const reading = readYaml(text);
  if ('mistakes' in reading) throw lines(reading.mistakes.map((line) => `${name}: ${line}`));
  const raw = reading.data ?? {};
  const parsed = file.safeParse(raw, { reportInput: true });
  if (!parsed.success) throw lines(linesOf(parsed.error.issues, raw).map((line) => `${name}: ${line}`));
  const settings = settle(parsed.data, text);
  const wrong = [...underTheFloors(settings), ...contradictions(settings)];
  if (wrong.length > 0) throw lines(wrong.map((line) => `${name}: ${line}`));
  return settings;
}

function settle(data: z.infer<typeof file>, text: string): Settings {
  const home = (id: string): SlackAccount => (id.includes(':') ? id : `${data.slack.team}:${id}`);
  return {
    text,
    hash: createHash('sha256').update(text).digest('hex'),
    team: data.slack.team,
    channels: data.channels,
    tickets: { pattern: data.tickets.pattern, link: data.tickets.link ?? null },
    roles: mapValues(data.roles, ({ people, groups }) => ({ people: people.map(home), groups })),
    scopes: mapValues(defaultScopes, (usual, name) => {
      const given = data.scopes[name] ?? {};
      return {
        minutes: given.minutes ?? usual.minutes,
        legs: given.legs ?? usual.legs,
        lapseMinutes: given.lapse_minutes ?? usual.lapseMinutes,
        usualUses: given.usual_uses ?? usual.usualUses,
      };
    }),
    actions: { ...defaultActions, ...data.actions },
    identities: Object.fromEntries(Object.entries(data.identities).map(([person, name]) => [home(person), name])),
    tenants: data.tenants.map(({ owners, channel: at, ...rest }) => ({
      ...rest,
      channel: at ?? null,
      owners: owners.map((owner) =>
        typeof owner === 'string'
          ? { account: home(owner), guestAllowed: false }
          : { account: home(owner.person), guestAllowed: owner.guest },
      ),
    })),
    schedules: data.schedules,
    notices: { deadAfterMinutes: data.notices.dead_after_minutes },
  };
}

function mapValues<K extends string, A, B>(of: Readonly<Record<K, A>>, change: (value: A, key: K) => B): Record<K, B> {
  return Object.fromEntries(Object.entries<A>(of).map(([key, value]) => [key, change(value, key as K)])) as Record<
    K,
    B
  >;
}

/** What no file may loosen (docs/architecture.md, "Scopes"). */
function underTheFloors({ scopes: byName, actions }: Settings): string[] {
  const wrong: string[] = [];
  for (const name of scopes) {
    const { legs } = byName[name];
    const at = `scopes.${name}.legs`;
    if (kindOf(name) === 'break_glass' && legs.length < 2) {
      wrong.push(`${at}: expected at least two different legs for a break-glass scope, found ${JSON.stringify(legs)}`);
    } else if (name === 'workspace_recovery' && !legs.includes('owner')) {
      wrong.push(`${at}: expected owner to be one of them, found ${JSON.stringify(legs)}`);
    }
  }
  for (const [name, { needs: usual, when }] of Object.entries(actions)) {
    if (!name.startsWith('workspace.')) continue;
    const places = [{ at: 'needs', needs: usual }, ...when.map((each, i) => ({ at: `when[${i}].needs`, ...each }))];
    for (const { at, needs: found } of places.filter((place) => new Set(place.needs.map(kindOf)).size < 2)) {
      wrong.push(
        `actions.${name}.${at}: expected a break-glass and a support-access scope, found ${JSON.stringify(found)}`,
      );
    }
  }
  return wrong;
}

function contradictions({ tenants, identities }: Settings): string[] {
  const wrong: string[] = [];
  const linked = Object.entries(identities).map(([person, { issuer, subject }]) => ({
    person,
    name: `${issuer}#${subject}`,
  }));
  linked.forEach(({ person, name }, i) => {
    if (linked.findIndex((other) => other.name === name) !== i) {
      wrong.push(`identities.${person}: expected each subject once, found ${JSON.stringify(name)} again`);
    }
  });
  tenants.forEach((each, i) => {
    if (tenants.findIndex(({ key }) => key === each.key) !== i) {
      wrong.push(`tenants[${i}].key: expected each key once, found ${JSON.stringify(each.key)} again`);
    }
    if (each.owners.length > 0 && each.channel === null) {
      wrong.push(`tenants[${i}].channel: expected a channel where the owners are asked, found nothing`);
    }
    each.owners.forEach(({ account: person }, j) => {
      if (each.owners.findIndex((owner) => owner.account === person) !== j) {
        wrong.push(`tenants[${i}].owners[${j}]: expected each person once, found ${JSON.stringify(person)} again`);
      }
    });
  });
  return wrong;
}

import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ActionRule } from '../domain/check.ts';
import type { Policy, ScopePolicy } from '../domain/policy.ts';
import { kindOf, type Scope, type StaffRole, scopes } from '../domain/words.ts';
import { defaultActions, defaultScopes } from './catalogue.ts';
import { file } from './file.ts';
import { linesOf } from './issues.ts';
import { lines } from './mistakes.ts';
import { readYaml } from './yaml.ts';

/** A Slack account as the configuration and the audit write it: `T0HOME:U0OPS`. */
export type SlackAccount = string;

export interface RoleHolders {
  people: readonly SlackAccount[];
  /** Slack user groups. */
  groups: readonly string[];
  /** Groups of the identity provider, which count at the API. */
  idpGroups: readonly string[];
}

/** A program that signs in by a token or a certificate: it counts as the API key of that name, and within its bounds. */
export type ApiClient = { key: string } & ({ subject: string } | { certificate: Readonly<Record<string, string>> });

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
  roles: Readonly<Record<StaffRole, RoleHolders>>;
  scopes: Readonly<Record<Scope, ScopePolicy>>;
  actions: Readonly<Record<string, ActionRule>>;
  /** Slack account -> how an identity provider names the same person. */
  identities: Readonly<Record<SlackAccount, { issuer: string; subject: string }>>;
  tenants: readonly TenantSetting[];
  schedules: { digest: { cron: string; timezone: string } | null };
  notices: { deadAfterMinutes: number };
  /** How the API reads the identity provider's tokens. */
  api: { groupsClaim: string; tokenType: string; clients: readonly ApiClient[] };
}

export const policyOf = ({ hash, tickets, scopes: byName, actions }: Settings): Policy => ({
  hash,
  ticketPattern: tickets.pattern,
  scopes: byName,
  actions,
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
    roles: mapValues(data.roles, ({ people, groups, idp_groups: idpGroups }) => ({
      people: people.map(home),
      groups,
      idpGroups,
    })),
    scopes: mapValues(defaultScopes, (usual, name) => {
      const given = data.scopes[name] ?? {};
      return {
        minutes: given.minutes ?? usual.minutes,
        legs: given.legs ?? usual.legs,
        lapseMinutes: given.lapse_minutes ?? usual.lapseMinutes,
        usualUses: given.usual_uses ?? usual.usualUses,
        ...(given.step_up && {
          stepUp: { acrValues: given.step_up.acr_values, maxAgeSeconds: given.step_up.max_age_seconds },
        }),
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
    api: { groupsClaim: data.api.groups_claim, tokenType: data.api.token_type, clients: data.api.clients },
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

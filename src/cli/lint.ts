import type { Settings } from '../config/settings.ts';
import { kindOf, legRoles, type Scope, scopes, type staffRoles } from '../domain/words.ts';
import { type SignInParts, stepUpWarnings } from './lint-step-up.ts';
import { askSlack, couldAct, type SlackAccess, type SlackAnswers } from './slack-answers.ts';

/**
 * What a file may say and somebody should still look at: legs that too few people could fill, groups and channels that
 * Slack does not know. Slack is asked where there is a token.
 */
export async function lint(
  settings: Settings,
  slack: SlackAccess | null,
  signIn: SignInParts | null = null,
): Promise<string[]> {
  const { answers, warnings } = await askSlack(slack, settings);
  return [
    ...holders(settings, answers),
    ...legsWithoutPeople(settings, answers),
    ...reviewsWithoutPeople(settings, answers),
    ...tenantWarnings(settings, answers),
    ...stepUpWarnings(settings, signIn, answers),
    ...warnings,
  ];
}

/** Who holds a staff role, as far as it is known; null where groups were not looked up. */
export function peopleOf(
  settings: Settings,
  role: (typeof staffRoles)[number],
  answers: SlackAnswers | null,
): string[] | null {
  const { people, groups } = settings.roles[role];
  if (groups.length > 0 && !answers?.groups) return null;
  const members = groups.flatMap((group) => answers?.groups?.get(group) ?? []);
  return [...new Set([...people, ...members])].filter((account) => couldAct(answers, account));
}

function holders(settings: Settings, answers: SlackAnswers | null): string[] {
  const operators = peopleOf(settings, 'operator', answers);
  return operators?.length === 0 ? ['roles.operator: nobody holds it, so nobody can ask for access'] : [];
}

function legsWithoutPeople(settings: Settings, answers: SlackAnswers | null): string[] {
  const needed = new Map(legRoles.map((leg) => [leg, scopesWith(settings, leg)]));
  const warnings: string[] = [];
  for (const leg of ['ops', 'security'] as const) {
    const people = peopleOf(settings, leg, answers);
    const used = needed.get(leg) ?? [];
    if (people !== null && people.length < 2 && used.length > 0) {
      warnings.push(
        `roles.${leg}: ${people.length === 0 ? 'nobody' : 'one person'} can be reached, and ${used.join(', ')} wait for this leg; name at least two`,
      );
    }
  }
  return warnings;
}

/**
 * Every break-glass session leaves a review, which nobody answers who approved it. Where one of security did, the others
 * and the auditors are left, one of whom may be away.
 */
function reviewsWithoutPeople(settings: Settings, answers: SlackAnswers | null): string[] {
  const [security, auditors] = [peopleOf(settings, 'security', answers), peopleOf(settings, 'auditor', answers)];
  const warnings: string[] = [];
  if (security !== null && auditors !== null) {
    const approving = scopesWith(settings, 'security').some((scope) => kindOf(scope) === 'break_glass') ? 1 : 0;
    const left = new Set([...security, ...auditors]).size - Math.min(approving, security.length);
    const who = left === 0 ? 'nobody is' : 'one person is';
    if (left < 2) warnings.push(`roles.auditor: ${who} left to review a session that security approved; name more`);
  }
  if (security?.length === 1) {
    warnings.push('roles.security: one person alone could excuse an overdue review; name at least two');
  }
  return warnings;
}

const scopesWith = (settings: Settings, leg: (typeof legRoles)[number]): Scope[] =>
  scopes.filter((scope) => settings.scopes[scope].legs.includes(leg));

function tenantWarnings({ tenants }: Settings, answers: SlackAnswers | null): string[] {
  return tenants.flatMap(({ key, owners }) => {
    if (owners.length === 0) return [`tenants.${key}.owners: nobody, so ops and security decide instead of an owner`];
    const reachable = owners.filter((owner) => couldAct(answers, owner.account, owner));
    if (reachable.length === 0) return [`tenants.${key}.owners: nobody can be reached; name at least two`];
    if (reachable.length === 1) return [`tenants.${key}.owners: one person decides alone; name at least two`];
    return [];
  });
}

import { lines } from '../config/mistakes.ts';
import type { Settings, TenantSetting } from '../config/settings.ts';
import { legsFor } from '../domain/policy.ts';
import { asWord, kindOf, type LegRole, scopes } from '../domain/words.ts';
import { peopleOf } from './lint.ts';
import { askSlack, type SlackAccess, type SlackAnswers } from './slack-answers.ts';

export interface Question {
  scope: string;
  tenant: string;
  operator: string;
}

/**
 * What would become of a request by this operator for this tenant, by the file (and by Slack, where there is a token).
 * @throws ConfigurationError when the question names something that the file does not
 */
export async function explain(settings: Settings, question: Question, slack: SlackAccess | null) {
  const scope = asWord(scopes, question.scope);
  const tenant = settings.tenants.find(({ key }) => key === question.tenant);
  if (!scope) throw lines([`--scope: expected one of ${scopes.join(', ')}, found ${JSON.stringify(question.scope)}`]);
  if (!tenant)
    throw lines([`--tenant: expected the key of a tenant in the file, found ${JSON.stringify(question.tenant)}`]);
  const answers = slack ? await askSlack(slack, settings) : null;
  const operator = question.operator.includes(':') ? question.operator : `${settings.team}:${question.operator}`;
  const { minutes, lapseMinutes } = settings.scopes[scope];
  const { legs, waived } = legsFor(settings.scopes[scope], tenant.owners.length === 0);
  const operators = peopleOf(settings, 'operator', answers);
  const allowed = operators === null || operators.includes(operator);
  return {
    allowed,
    lines: [
      `${scope} (${kindOf(scope)}) on ${tenant.name}, asked for by ${operator}`,
      `  would be refused: ${allowed ? `not by the file${operators === null ? ' if they are in a group that gives operator (not looked up)' : ''}` : 'yes, they are no operator'}`,
      `  may last: ${minutes.max} minutes, ${minutes.default} unless chosen otherwise; waits ${lapseMinutes} minutes for approvals`,
      ...(waived ? ['  owner approval: waived, because the tenant has no owner'] : []),
      ...legs.map((leg) => `  ${leg} could approve: ${approvers(settings, leg, tenant, operator, answers)}`),
      ...(legs.length === 0 ? ['  nobody has to approve: active at once'] : []),
      `  would be told: ${told(settings, legs, tenant).join(', ')}`,
    ],
  };
}

function approvers(
  settings: Settings,
  leg: LegRole,
  tenant: TenantSetting,
  operator: string,
  answers: SlackAnswers | null,
): string {
  const people = leg === 'owner' ? tenant.owners.map(({ account }) => account) : peopleOf(settings, leg, answers);
  if (people === null) {
    const { people: named, groups } = settings.roles[leg === 'owner' ? 'ops' : leg];
    return [...named, ...groups.map((group) => `members of ${group} (not looked up)`)]
      .filter((each) => each !== operator)
      .join(', ');
  }
  const others = people.filter((account) => account !== operator && !answers?.unreachable.has(account));
  return others.length === 0 ? 'nobody' : others.join(', ');
}

function told(settings: Settings, legs: readonly LegRole[], tenant: TenantSetting): string[] {
  const channels = { owner: tenant.channel, ops: settings.channels.ops, security: settings.channels.security };
  const informed = legs.length === 0 ? [channels.owner, channels.security] : legs.map((leg) => channels[leg]);
  return [...new Set(informed)].flatMap((channel) => channel ?? []).concat('the operator');
}

import { lines } from '../config/mistakes.ts';
import type { Settings, TenantSetting } from '../config/settings.ts';
import { legsFor } from '../domain/policy.ts';
import { asWord, kindOf, type LegRole, scopes } from '../domain/words.ts';
import { peopleOf } from './lint.ts';
import { askSlack, couldAct, type SlackAccess, type SlackAnswers } from './slack-answers.ts';

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
  const wrong = [
    ...(scope ? [] : [`--scope: expected one of ${scopes.join(', ')}, found ${JSON.stringify(question.scope)}`]),
    ...(tenant ? [] : [`--tenant: expected the key of a tenant in the file, found ${JSON.stringify(question.tenant)}`]),
  ];
  if (!scope || !tenant) throw lines(wrong);
  const { answers, warnings } = await askSlack(slack, settings);
  const operator = question.operator.includes(':') ? question.operator : `${settings.team}:${question.operator}`;
  const { minutes, lapseMinutes } = settings.scopes[scope];
  const { legs, waived } = legsFor(settings.scopes[scope], tenant.owners.length === 0);
  const operators = peopleOf(settings, 'operator', answers);
  const unsure = operators === null && !settings.roles.operator.people.includes(operator);
  const allowed = operators === null || operators.includes(operator);
  return {
    allowed,
    lines: [
      `${scope} (${kindOf(scope)}) on ${tenant.name}, asked for by ${operator}`,
      `  would be refused: ${allowed ? `not by the file${unsure ? ' if they are in a group that gives operator (not looked up)' : ''}` : 'yes, they are no operator'}`,
      `  may last: ${minutes.max} minutes, ${minutes.default} unless chosen otherwise; waits ${lapseMinutes} minutes for approvals`,
      ...(waived ? ['  owner approval: waived, because the tenant has no owner'] : []),
      ...legs.map((leg) => `  ${leg} could approve: ${approvers(settings, leg, tenant, operator, answers)}`),
      ...(legs.length === 0 ? ['  nobody has to approve: active at once'] : []),
      ...(answers ? [] : warnings.map((warning) => `  ${warning}`)),
      `  would be told: ${told(settings, legs, waived, tenant).join(', ')}`,
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
  if (leg === 'owner') {
    const owners = tenant.owners.filter((owner) => couldAct(answers, owner.account, owner));
    return listed(owners.map(({ account }) => account).filter((account) => account !== operator));
  }
  const people = peopleOf(settings, leg, answers);
  if (people !== null) return listed(people.filter((account) => account !== operator));
  const { people: named, groups } = settings.roles[leg];
  const fit = named.filter((account) => account !== operator && couldAct(answers, account));
  return listed([...fit, ...groups.map((group) => `members of ${group} (not looked up)`)]);
}

const listed = (people: readonly string[]): string => (people.length === 0 ? 'nobody' : people.join(', '));

/** As `placesFor` decides for a grant. */
function told(settings: Settings, legs: readonly LegRole[], waived: boolean, tenant: TenantSetting): string[] {
  const channels = { owner: tenant.channel, ops: settings.channels.ops, security: settings.channels.security };
  const asked = legs.map((leg) => channels[leg]);
  const informed = legs.length === 0 ? [channels.owner, channels.security] : [...asked, waived ? channels.owner : null];
  return [...new Set(informed)].flatMap((channel) => channel ?? []).concat('the operator');
}

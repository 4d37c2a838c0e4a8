import { type Properties, scopesFor, subjectName } from '../domain/check.ts';
import type { Standing } from '../store/checks/search.ts';
import type { CheckDesk } from './check.ts';

/** Who asks, and what their work is called. */
export interface Searcher {
  key: string;
  requestId: string;
}

interface About {
  tenant: string | null;
  resourceType: string;
  resourceProperties: Properties;
}
interface Act {
  action: string;
  actionProperties: Properties;
}

/** Who may do this on this tenant now: the ids of people, under each name that a check takes. */
export async function searchSubjects(desk: CheckDesk, by: Searcher, about: About & Act): Promise<string[]> {
  if (about.tenant === null) return [];
  const { epoch, policy } = desk.inForce();
  const found = await desk.checks.search({
    ...{ sought: 'subject', subject: null, needs: scopesFor(policy.actions, about), epoch },
    ...{ ...by, tenant: about.tenant, action: about.action, resourceType: about.resourceType },
  });
  return found.standing.map((each) => nameOf(each, desk.defaultIssuer));
}

/** On which tenants somebody may do this now: their keys. */
export async function searchTenants(
  desk: CheckDesk,
  by: Searcher,
  about: Act & { subject: string },
): Promise<string[]> {
  const { epoch, policy } = desk.inForce();
  const found = await desk.checks.search({
    ...{ sought: 'resource', subject: namesOf(desk, about.subject), tenant: null, resourceType: 'tenant' },
    ...{ ...by, action: about.action },
    ...{ needs: scopesFor(policy.actions, { ...about, resourceProperties: {} }), epoch },
  });
  return found.standing.map(({ tenant }) => tenant);
}

/** What somebody may do on this tenant now: names of actions. */
export async function searchActions(
  desk: CheckDesk,
  by: Searcher,
  about: About & { subject: string },
): Promise<string[]> {
  if (about.tenant === null) return [];
  const { epoch, policy } = desk.inForce();
  const found = await desk.checks.search({
    ...{ sought: 'action', subject: namesOf(desk, about.subject), action: null, needs: null, epoch },
    ...{ ...by, tenant: about.tenant, resourceType: about.resourceType },
  });
  const has = new Set(found.standing.flatMap(({ scopes }) => scopes));
  const rules = policy.actions;
  const asked = { actionProperties: {}, resourceProperties: about.resourceProperties };
  return Object.keys(rules).filter((action) => {
    const needs = scopesFor(rules, { action, ...asked });
    return (found.actions?.includes(action) ?? true) && needs.length > 0 && needs.every((scope) => has.has(scope));
  });
}

function namesOf(desk: CheckDesk, subject: string) {
  const name = subjectName(subject, desk.defaultIssuer);
  return name ?? { name: subject, provider: null, issuer: null, externalId: null };
}

/** As a check takes it: without its provider where that is the one that goes without saying. */
function nameOf({ provider, issuer, external_id: id }: Standing, defaultIssuer: string | null): string {
  if (provider === 'slack') return `slack:${issuer}:${id}`;
  const name = `oidc:${issuer}#${id}`;
  return subjectName(id, defaultIssuer)?.name === name ? id : name;
}

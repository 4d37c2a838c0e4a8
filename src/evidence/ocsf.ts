import type { TrailEntry } from '../domain/trail.ts';

/**
 * The audit trail as events of the Open Cybersecurity Schema Framework, version 1.6.0 (schema.ocsf.io), for a SIEM: who
 * was given access and lost it (User Access Management), what changed in the system (Entity Management), and whatever else
 * was asked and done (API Activity). Nothing is left out: the row is in `unmapped`, and its exact text in `raw_data`.
 */
export const OCSF_VERSION = '1.6.0';

export type OcsfEvent = Readonly<Record<string, unknown>>;

const classes = {
  user_access: { category: [3, 'Identity & Access Management'], uid: 3005, name: 'User Access Management' },
  entity: { category: [3, 'Identity & Access Management'], uid: 3004, name: 'Entity Management' },
  api: { category: [6, 'Application Activity'], uid: 6003, name: 'API Activity' },
} as const;
type Class = keyof typeof classes;

/** An activity of a class: its number, and its name in that class. */
type Activity = readonly [number, string];
const create: Activity = [1, 'Create'];
const read: Activity = [2, 'Read'];
const update: Activity = [3, 'Update'];
const remove: Activity = [4, 'Delete'];
const other: Activity = [99, 'Other'];
const assign: Activity = [1, 'Assign Privileges'];
const revoke: Activity = [2, 'Revoke Privileges'];

interface Meaning {
  of: Class;
  activity: Activity;
  severity: Severity;
  /** What is managed, for Entity Management. */
  entity?: string;
}

const severities = {
  informational: [1, 'Informational'],
  low: [2, 'Low'],
  medium: [3, 'Medium'],
  high: [4, 'High'],
} as const;
type Severity = keyof typeof severities;

const api = (activity: Activity, severity: Severity = 'informational'): Meaning => ({ of: 'api', activity, severity });
const entity = (activity: Activity, what: string, severity: Severity = 'low'): Meaning => ({
  ...{ of: 'entity', activity, severity, entity: what },
});

/** By what happened to a grant, whatever its kind. */
const ofGrants: Readonly<Record<string, Meaning>> = {
  requested: api(create, 'low'),
  ownerless_waived: api(update, 'high'),
  approved: api(update, 'low'),
  evidence_attached: api(create),
  reviewed: api(update, 'low'),
  review_excused: api(update, 'medium'),
  activated: { of: 'user_access', activity: assign, severity: 'medium' },
  ended: { of: 'user_access', activity: revoke, severity: 'informational' },
  expired: { of: 'user_access', activity: revoke, severity: 'informational' },
  revoked: { of: 'user_access', activity: revoke, severity: 'medium' },
};

/** By the whole name of the action. What is not here is activity of no named sort: nothing is left out. */
const byAction: Readonly<Record<string, Meaning>> = {
  'access.allowed': api(read),
  'access.denied': api(read, 'low'),
  'access.searched': api(read),
  'access.refused': api(other, 'medium'),
  'access.unusual': api(other, 'high'),
  'audit.viewed': api(read),
  'audit.exported': api(read, 'low'),
  'audit.export_ended': api(read),
  'admin.key_created': entity(create, 'API key', 'medium'),
  'admin.key_revoked': entity(remove, 'API key', 'medium'),
  'identity.linked': entity(create, 'Identity', 'medium'),
  'identity.unlinked': entity(remove, 'Identity', 'medium'),
  'policy.adopted': entity(update, 'Policy', 'medium'),
  'role.changed': entity(update, 'Role', 'medium'),
  'tenant.created': entity(create, 'Tenant'),
  'tenant.updated': entity(update, 'Tenant'),
  'tenant.owners_changed': entity(update, 'Tenant', 'medium'),
  'tenant.channel_changed': entity(update, 'Tenant', 'medium'),
  'evidence.exported': api(read, 'low'),
  'seal.key_added': entity(create, 'Signing key', 'medium'),
  'seal.alarm': api(other, 'high'),
  'admin.key_adopted': entity(create, 'API key', 'medium'),
  'tenant.archived': entity(update, 'Tenant', 'medium'),
  'tenant.restored': entity(update, 'Tenant', 'medium'),
  'schedule.created': entity(create, 'Schedule'),
  'schedule.changed': entity(update, 'Schedule'),
  'schedule.deleted': entity(remove, 'Schedule'),
  'notice.dropped': entity(remove, 'Notice', 'medium'),
  'notice.retimed': entity(update, 'Notice'),
};

function meaningOf({ action }: TrailEntry): Meaning {
  const name = /^(?:break_glass|support_access)\.(.+)$/.exec(action)?.[1];
  return (name === undefined ? byAction[action] : ofGrants[name]) ?? api(other);
}

/** One row as one event. */
export function ocsfEvent(entry: TrailEntry): OcsfEvent {
  const meaning = meaningOf(entry);
  const { uid, name, category } = classes[meaning.of];
  const [activity, activityName] = meaning.activity;
  const [severity, severityName] = severities[meaning.severity];
  return {
    ...{ activity_id: activity, activity_name: activityName, category_uid: category[0], category_name: category[1] },
    ...{ class_uid: uid, class_name: name, type_uid: uid * 100 + activity, type_name: `${name}: ${activityName}` },
    ...{ severity_id: severity, severity: severityName, time: entry.at.getTime(), ...statusOf(entry) },
    message: entry.action,
    metadata: metadataOf(entry),
    actor: actorOf(entry.actor),
    src_endpoint: { name: entry.actor.split(':')[0] ?? entry.actor, type: 'Breakglass door' },
    ...attributesOf[meaning.of](entry, meaning),
    raw_data: entry.entry,
    unmapped: {
      tenant: entry.tenant,
      grant: entry.grant,
      scope: entry.scope,
      requester: entry.requester,
      details: entry.details,
    },
  };
}

/** The row's number tells copies of one event from two events, and puts them in order. */
const metadataOf = ({ id, action, tenant, requestId }: TrailEntry) => ({
  version: OCSF_VERSION,
  product: { name: 'Breakglass', vendor_name: 'Breakglass', uid: 'breakglass-bot' },
  profiles: [],
  uid: id,
  sequence: Number(id),
  event_code: action,
  correlation_uid: requestId,
  log_name: 'audit_events',
  ...(tenant === null ? {} : { tenant_uid: tenant }),
});

const refusing = /^(access\.(denied|refused)|[a-z_]+\.denied|notice\.dead|seal\.alarm)$/;

function statusOf({ action, details }: TrailEntry) {
  const failed = refusing.test(action);
  const why = details.refusal ?? details.reason ?? details.error;
  const status = failed ? { status_id: 2, status: 'Failure' } : { status_id: 1, status: 'Success' };
  return failed && typeof why === 'string' ? { ...status, status_detail: why } : status;
}

/** Who did it: a person is a user, a service and what acts by itself are programs. */
const actorOf = (name: string) =>
  /^(key|system):/.test(name)
    ? { app_name: name, user: { ...userOf(name), type_id: name.startsWith('key:') ? 4 : 3 } }
    : { user: userOf(name) };

const userOf = (name: string) => ({ uid: name, name, type_id: 1 });

const resourcesOf = ({ tenant }: TrailEntry) =>
  tenant === null ? {} : { resources: [{ uid: tenant, name: tenant, type: 'Tenant' }] };

const attributesOf: Readonly<Record<Class, (entry: TrailEntry, meaning: Meaning) => Record<string, unknown>>> = {
  user_access: (entry) => ({
    user: userOf(entry.requester ?? entry.actor),
    privileges: [entry.scope ?? 'unknown'],
    ...resourcesOf(entry),
  }),
  entity: ({ details, tenant }, { entity: type = 'Entity' }) => {
    const { key, name, role, hash } = details;
    const named = [key, name, role, hash, tenant].find((each): each is string => typeof each === 'string');
    return { entity: { type, name: named ?? type, ...(typeof hash === 'string' ? { version: hash } : {}) } };
  },
  api: (entry) => ({
    api: {
      operation: typeof entry.details.action === 'string' ? entry.details.action : entry.action,
      service: { name: 'Breakglass' },
      request: { uid: entry.requestId },
    },
    ...resourcesOf(entry),
  }),
};

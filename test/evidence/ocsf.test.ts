import { describe, expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit.ts';
import type { TrailEntry } from '../../src/domain/trail.ts';
import { OCSF_VERSION, ocsfEvent } from '../../src/evidence/ocsf.ts';
import { at } from '../domain/builders.ts';

/**
 * What OCSF 1.6.0 asks of the classes that are used, copied by hand from github.com/ocsf/ocsf-schema at tag 1.6.0:
 * events/base_event.json, events/iam/iam.json, user_access.json and entity_management.json,
 * events/application/api_activity.json, and the objects they name.
 */
const ofEvery = ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'];
const alsoOfEvery = [
  ...['activity_name', 'category_name', 'class_name', 'count', 'duration', 'end_time', 'enrichments', 'message'],
  ...['observables', 'raw_data', 'raw_data_hash', 'raw_data_size', 'severity', 'start_time', 'status', 'status_code'],
  ...['status_detail', 'status_id', 'timezone_offset', 'type_name', 'unmapped'],
];
const iam = ['actor', 'http_request', 'http_response', 'src_endpoint'];
const classes: Readonly<
  Record<number, { category: number; activities: number[]; required: string[]; optional: string[] }>
> = {
  3004: {
    ...{ category: 3, activities: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 99] },
    ...{ required: ['entity'], optional: [...iam, 'access_list', 'access_mask', 'comment', 'entity_result'] },
  },
  3005: {
    ...{ category: 3, activities: [1, 2, 0, 99] },
    ...{ required: ['privileges', 'user'], optional: [...iam, 'resource', 'resources'] },
  },
  6003: {
    ...{ category: 6, activities: [1, 2, 3, 4, 0, 99] },
    ...{
      required: ['actor', 'api', 'src_endpoint'],
      optional: ['dst_endpoint', 'http_request', 'http_response', 'resources'],
    },
  },
};
/** By the objects' own files: what each needs, and one of these at least. */
const objects: Readonly<Record<string, { required: string[]; oneOf: string[]; optional: string[] }>> = {
  metadata: {
    ...{ required: ['product', 'version'], oneOf: [] },
    optional: ['correlation_uid', 'event_code', 'log_name', 'profiles', 'sequence', 'tenant_uid', 'uid'],
  },
  product: { required: [], oneOf: ['name', 'uid'], optional: ['vendor_name', 'version'] },
  actor: { required: [], oneOf: ['process', 'user', 'invoked_by', 'session', 'app_name', 'app_uid'], optional: [] },
  user: { required: [], oneOf: ['account', 'name', 'uid'], optional: ['type_id'] },
  api: { required: ['operation'], oneOf: [], optional: ['service', 'request'] },
  service: { required: [], oneOf: ['name', 'uid'], optional: [] },
  request: { required: ['uid'], oneOf: [], optional: [] },
  src_endpoint: { required: [], oneOf: ['ip', 'uid', 'name', 'hostname', 'svc_name'], optional: ['type'] },
  entity: {
    required: [],
    oneOf: ['name', 'uid', 'device', 'group', 'org', 'policy', 'user'],
    optional: ['type', 'version'],
  },
};
const severities = [0, 1, 2, 3, 4, 5, 6, 99];

type Json = Readonly<Record<string, unknown>>;

/** Whatever an event lacks or has too much, by the lists above. */
function objections(event: Json): string[] {
  const shape = classes[Number(event.class_uid)];
  if (!shape) return [`no such class: ${event.class_uid}`];
  const known = [...ofEvery, ...alsoOfEvery, ...shape.required, ...shape.optional];
  return [
    ...[...ofEvery, ...shape.required].filter((name) => event[name] === undefined).map((name) => `lacks ${name}`),
    ...Object.keys(event)
      .filter((name) => !known.includes(name))
      .map((name) => `has no ${name}`),
    ...(shape.activities.includes(Number(event.activity_id)) ? [] : ['no such activity']),
    ...(event.category_uid === shape.category ? [] : ['another category']),
    ...(event.type_uid === Number(event.class_uid) * 100 + Number(event.activity_id) ? [] : ['another type']),
    ...(severities.includes(Number(event.severity_id)) ? [] : ['no such severity']),
    ...objectionsWithin(event),
  ];
}

function objectionsWithin(holder: Json): string[] {
  return Object.entries(holder).flatMap(([name, value]) => {
    const rule = objects[name];
    if (!rule || typeof value !== 'object' || value === null || name === 'unmapped') return [];
    const keys = Object.keys(value);
    const lacking = rule.required.filter((key) => !keys.includes(key)).map((key) => `${name} lacks ${key}`);
    const known = [...rule.required, ...rule.oneOf, ...rule.optional];
    const unknown = keys.filter((key) => !known.includes(key)).map((key) => `${name} has no ${key}`);
    const none = rule.oneOf.length > 0 && !rule.oneOf.some((key) => keys.includes(key)) ? [`${name} has none`] : [];
    return [...lacking, ...unknown, ...none, ...objectionsWithin(value as Json)];
  });
}

const entryOf = (action: string, more: Partial<TrailEntry> = {}): TrailEntry => ({
  ...{ id: '42', at: at(20), action, actor: 'slack:T0HOME:U0OLIVIA', tenant: 'acme', tenantId: 'a-tenant' },
  ...{ grant: 'a-grant', scope: 'content_access', requester: 'slack:T0HOME:U0OMAR', requestId: 'work-1' },
  ...{ details: { reason: 'no_grant' }, entry: '{"v":1}' },
  ...more,
});

describe('as an event of OCSF', () => {
  const bare = { tenant: null, tenantId: null, grant: null, scope: null, requester: null, details: {} };
  const actors = ['slack:T0HOME:U0OLIVIA', 'key:reader', 'system:clock'];
  test.each([...auditActions, 'something.new'])(
    '%s has all that its class needs, and nothing that it does not know',
    (action) => {
      for (const actor of actors) {
        expect(objections(ocsfEvent(entryOf(action, { actor })))).toEqual([]);
        expect(objections(ocsfEvent(entryOf(action, { ...bare, actor })))).toEqual([]);
      }
    },
  );

  test('the lists see what is wrong', () => {
    const event = ocsfEvent(entryOf('break_glass.activated'));
    expect(objections({ ...event, user: undefined })).toEqual(['lacks user']);
    expect(objections({ ...event, colour: 1 })).toEqual(['has no colour']);
    expect(objections({ ...event, type_uid: 1 })).toEqual(['another type']);
    expect(objections({ ...event, metadata: { version: '1' } })).toEqual(['metadata lacks product']);
    expect(objections({ ...event, class_uid: 1 })).toEqual(['no such class: 1']);
  });

  test('access that begins is a privilege assigned to who asked for it, by who agreed last', () => {
    expect(ocsfEvent(entryOf('break_glass.activated'))).toMatchObject({
      ...{ class_uid: 3005, activity_id: 1, type_uid: 300501, time: at(20).getTime(), status_id: 1 },
      ...{ user: { uid: 'slack:T0HOME:U0OMAR' }, privileges: ['content_access'] },
      ...{ actor: { user: { uid: 'slack:T0HOME:U0OLIVIA', type_id: 1 } }, resources: [{ uid: 'acme' }] },
    });
  });

  test.each(['ended', 'revoked', 'expired'])('access that is %s is a privilege revoked', (name) => {
    expect(ocsfEvent(entryOf(`support_access.${name}`))).toMatchObject({ class_uid: 3005, activity_id: 2 });
  });

  test('a check that is refused is a failure with its reason', () => {
    expect(ocsfEvent(entryOf('access.denied', { actor: 'key:reader' }))).toMatchObject({
      ...{ class_uid: 6003, activity_id: 2, status_id: 2, status_detail: 'no_grant' },
      actor: { app_name: 'key:reader', user: { type_id: 4 } },
    });
  });

  test('a key that is made, a role and a tenant that change are managed entities', () => {
    const named = (action: string, details: object) => ocsfEvent(entryOf(action, { details: { ...details } }));
    expect(named('admin.key_created', { key: 'reader' })).toMatchObject({
      class_uid: 3004,
      activity_id: 1,
      entity: { name: 'reader' },
    });
    expect(named('role.changed', { role: 'ops' })).toMatchObject({
      activity_id: 3,
      entity: { type: 'Role', name: 'ops' },
    });
  });

  test('keeps the whole row and its exact text, its number and the piece of work', () => {
    const entry = entryOf('notice.dead', { details: { error: 'not_in_channel' } });
    expect(ocsfEvent(entry)).toMatchObject({
      raw_data: entry.entry,
      unmapped: { details: { error: 'not_in_channel' }, grant: 'a-grant', tenant: 'acme' },
      metadata: {
        version: OCSF_VERSION,
        uid: '42',
        sequence: 42,
        event_code: 'notice.dead',
        correlation_uid: 'work-1',
        tenant_uid: 'acme',
      },
    });
  });
});

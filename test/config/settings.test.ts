import { describe, expect, test } from 'vitest';
import { file, mistakesIn, named, tenants } from './files.ts';

const user = "expected a Slack user's id such as U0OPS";
const account = `${user}, or with their team, T0ACME:U0BOSS`;
const channel = "expected a Slack channel's id such as C0SEC";
const group = "expected a Slack user group's id such as S0SUPPORT";
const cron = 'expected a cron expression of five fields such as 0 8 * * *';
const zone = 'expected a time zone such as UTC or Europe/Berlin';
const scope =
  'expected one of content_access, create_platform_owner, reset_admin_password, reenable_admin, audit_view, workspace_recovery';

const access = (inside: string) => file({ scopes: `{ content_access: ${inside} }` });
const people = (list: string) => file({ roles: `{ ops: { people: ${list} } }` });
const owners = (list: string) => tenants(`channel: C0ACME, owners: ${list}`);
const pattern = (text: string) => file({ tickets: `{ pattern: ${text} }` });
const link = (text: string) => file({ tickets: `{ pattern: x, link: ${text} }` });
const digest = (inside: string) => file({ schedules: `{ digest: ${inside} }` });
const identity = (inside: string) => file({ identities: `{ U0OPS: ${inside} }` });
const action = (name: string, inside: string) => file({ actions: `{ ${name}: ${inside} }` });

type Row = readonly [text: string, ...lines: string[]];

const broken: Readonly<Record<string, readonly Row[]>> = {
  'the whole file': [
    ['- a list', 'the file: expected a map, found ["a list"]'],
    ['hello', 'the file: expected a map, found "hello"'],
    ['42', 'the file: expected a map, found 42'],
    [file({ slack: null }), 'slack: expected a map, found nothing'],
    [file({ roles: '' }), 'roles: expected a map, found null'],
  ],
  'unknown keys': [
    [file({ tenant: '[]' }), 'the file: expected no key "tenant"'],
    [file({ roles: '{ opps: {} }' }), 'roles: expected no key "opps"'],
    [file({ slack: '{ team: T0HOME, teams: 1 }' }), 'slack: expected no key "teams"'],
    [file({ scopes: '{ root: {} }' }), 'scopes: expected no key "root"'],
    [access('{ lapse: 60 }'), 'scopes.content_access: expected no key "lapse"'],
    [tenants('color: red'), 'tenants[0]: expected no key "color"'],
    [tenants('x: 1', 'y: 2'), 'tenants[0]: expected no key "x"', 'tenants[1]: expected no key "y"'],
    [owners('[{ person: U0BOSS, gest: true }]'), 'tenants[0].owners[0]: expected no key "gest"'],
    [
      file({ first: '1', second: '2' }),
      'the file: expected no key "first"',
      'the file: expected no key "second"', // a line each
    ],
    [file({ constructor: '{}' }), 'the file: expected no key "constructor"'],
  ],
  ids: [
    [file({ slack: '{ team: home }' }), `slack.team: expected a Slack team's id such as T0HOME, found "home"`],
    [file({ channels: "{ security: '#sec', ops: C0OPS }" }), `channels.security: ${channel}, found "#sec"`],
    [file({ channels: '{ security: C0SECURITY }' }), 'channels.ops: expected a string, found nothing'],
    [tenants('channel: U0OPS'), `tenants[0].channel: ${channel}, found "U0OPS"`],
    [people('[bob]'), `roles.ops.people[0]: ${user}, found "bob"`],
    [people('[U0OPS, bob]'), `roles.ops.people[1]: ${user}, found "bob"`],
    [people('U0OPS'), 'roles.ops.people: expected a list, found "U0OPS"'],
    [people('[7, ~]'), ...[7, null].map((x, i) => `roles.ops.people[${i}]: expected a string, found ${x}`)],
    // Staff are of the home team: nobody from elsewhere holds a role.
    [people("['T0ACME:U0OPS']"), `roles.ops.people[0]: ${user}, found "T0ACME:U0OPS"`],
    [file({ roles: '{ ops: { groups: [U0OPS] } }' }), `roles.ops.groups[0]: ${group}, found "U0OPS"`],
    [file({ roles: "{ ops: { idp_groups: [''] } }" }), `roles.ops.idp_groups[0]: expected a group's name, found ""`],
    [owners('[bob]'), `tenants[0].owners[0]: ${account}, found "bob"`],
    [owners('[{ person: bob }]'), `tenants[0].owners[0].person: ${account}, found "bob"`],
    [owners('[{ person: U0BOSS, guest: 1 }]'), 'tenants[0].owners[0].guest: expected a boolean, found 1'],
    [owners('[7]'), "tenants[0].owners[0]: expected a Slack user's id or a map of person and guest, found 7"],
    [file({ identities: '{ bob: { issuer: x, subject: y } }' }), `identities.bob: ${account}, found "bob"`],
  ],
  tickets: [
    [pattern('7'), 'tickets.pattern: expected a string, found 7'],
    [
      pattern("'('"),
      'tickets.pattern: expected a regular expression (SyntaxError: Invalid regular expression: /(/u: Unterminated group), found "("',
    ],
    ...["'https://t.example'", "'javascript:{ticket}'", "'https://t.example/{ticket}|x'"].map(
      (text): Row => [
        link(text),
        `tickets.link: expected a web address that contains {ticket}, found ${text.replaceAll("'", '"')}`,
      ],
    ),
  ],
  'scopes and actions': [
    [access('{ minutes: 60 }'), 'scopes.content_access.minutes: expected a map, found 60'],
    [
      access('{ minutes: { max: 60 } }'),
      'scopes.content_access.minutes.default: expected whole minutes, found nothing',
    ],
    [
      access('{ minutes: { default: 0, max: 60 } }'),
      'scopes.content_access.minutes.default: expected 1 minute or more, found 0',
    ],
    [
      access('{ minutes: { default: 1.5, max: 60 } }'),
      'scopes.content_access.minutes.default: expected whole minutes, found 1.5',
    ],
    [
      access('{ minutes: { default: .nan, max: 60 } }'),
      'scopes.content_access.minutes.default: expected whole minutes, found NaN',
    ],
    [
      access('{ minutes: { default: 1, max: 10081 } }'),
      'scopes.content_access.minutes.max: expected 10080 minutes (7 days) or fewer, found 10081',
    ],
    [
      access('{ minutes: { default: 61, max: 60 } }'),
      'scopes.content_access.minutes: expected a default no longer than max, found {"default":61,"max":60}',
    ],
    [access("{ lapse_minutes: '60' }"), 'scopes.content_access.lapse_minutes: expected whole minutes, found "60"'],
    [
      access('{ legs: [owner, boss] }'),
      'scopes.content_access.legs[1]: expected one of owner, ops, security, found "boss"',
    ],
    [access('{ legs: [owner, owner] }'), 'scopes.content_access.legs: expected each leg once, found ["owner","owner"]'],
    [action('Read', '{ needs: [audit_view] }'), 'actions.Read: expected an action such as content.read, found "Read"'],
    [action('a.b', '{}'), 'actions.a.b.needs: expected a list, found nothing'],
    [action('a.b', '{ needs: [] }'), 'actions.a.b.needs: expected at least one scope, found []'],
    [
      action('a.b', '{ needs: [audit_view], when: [{ needs: [audit_view] }] }'),
      'actions.a.b.when[0]: expected at least one property of the resource or the action, found {"needs":["audit_view"]}',
    ],
    [
      action('a.b', '{ needs: [audit_view], when: [{ resource: { x: [1] }, needs: [audit_view] }] }'),
      'actions.a.b.when[0].resource.x: expected text, a number, true or false, found [1]',
    ],
    [action('a.b', '{ needs: [root] }'), `actions.a.b.needs[0]: ${scope}, found "root"`],
    [
      action(String.raw`"a\nb"`, '{ needs: [audit_view] }'), // an odd key stays on its line
      String.raw`actions["a\nb"]: expected an action such as content.read, found "a\nb"`,
    ],
  ],
  'tenants, schedules and the rest': [
    [file({ tenants: '{ acme: {} }' }), 'tenants: expected a list, found {"acme":{}}'],
    [file({ tenants: '[~]' }), 'tenants[0]: expected a map, found null'],
    [file({ tenants: '[{ key: a }]' }), 'tenants[0].name: expected a string, found nothing'],
    [file({ tenants: "[{ key: a, name: ' ' }]" }), 'tenants[0].name: expected a name, found " "'],
    [
      file({ tenants: `[{ key: a, name: ${'n'.repeat(121)} }]` }), // what is long is cut
      `tenants[0].name: expected 120 characters or fewer, found "${'n'.repeat(79)}…`,
    ],
    ...['Acme', '-acme', 'a_b', 'a b', 'ä', ''].map(
      (key): Row => [
        file({ tenants: `[{ key: '${key}', name: A }]` }),
        `tenants[0].key: expected lower case letters, digits and dashes, found "${key}"`,
      ],
    ),
    [tenants("shared: 'yes'"), 'tenants[0].shared: expected a boolean, found "yes"'],
    ...["'* * *'", "'* * * * * *'", "'61 8 * * *'", "''"].map(
      (text): Row => [
        digest(`{ cron: ${text} }`),
        `schedules.digest.cron: ${cron}, found ${text.replaceAll("'", '"')}`,
      ],
    ),
    ...['Mars/Olympus', '+02:00', ''].map(
      (text): Row => [
        digest(`{ cron: '0 8 * * *', timezone: '${text}' }`),
        `schedules.digest.timezone: ${zone}, found "${text}"`,
      ],
    ),
    [file({ notices: '{ dead_after_minutes: 0 }' }), 'notices.dead_after_minutes: expected 1 minute or more, found 0'],
    [
      identity("{ issuer: 'javascript:alert(1)', subject: '' }"),
      'identities.U0OPS.issuer: expected a web address such as https://id.example.com, found "javascript:alert(1)"',
      'identities.U0OPS.subject: expected a subject, found ""',
    ],
  ],
};

describe.each(Object.entries(broken))('a mistake in %s is told in one line: where, expected, found', (_, rows) => {
  test.each(rows.map(([text, ...lines]) => [lines.join(' — '), text, lines] as const))('%s', (_, text, lines) => {
    expect(mistakesIn(text)).toEqual(named(lines));
  });
});

test.each(['', '# nothing yet\n', '---\n'])('an empty file (%j) is told what it has to say', (text) => {
  const keys = ['slack', 'channels', 'tickets', 'roles'];
  expect(mistakesIn(text)).toEqual(named(keys.map((key) => `${key}: expected a map, found nothing`)));
});

test('several mistakes are told at once, in a line each and in the order of the words', () => {
  const text = `slack: { team: home }
channels: { security: C0SECURITY }
roles: { ops: { people: [bob, U0OPS, eve] } }
tenants:
  - { key: Acme, name: Acme, channel: C0ACME, owners: [bob] }
  - { key: globex }
colour: red
`;
  expect(mistakesIn(text)).toEqual(
    named([
      `slack.team: expected a Slack team's id such as T0HOME, found "home"`,
      'channels.ops: expected a string, found nothing',
      'tickets: expected a map, found nothing',
      `roles.ops.people[0]: ${user}, found "bob"`,
      `roles.ops.people[2]: ${user}, found "eve"`,
      'tenants[0].key: expected lower case letters, digits and dashes, found "Acme"',
      `tenants[0].owners[0]: ${account}, found "bob"`,
      'tenants[1].name: expected a string, found nothing',
      'the file: expected no key "colour"',
    ]),
  );
});

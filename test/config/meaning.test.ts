import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { policyOf } from '../../src/config/settings.ts';
import { staffRoles } from '../../src/domain/words.ts';
import { file, mistakesIn, settingsOf, tenants } from './files.ts';

describe('what a file does not say is what the documentation says', () => {
  const usual = settingsOf(file());

  test('nobody holds a role, and there is no tenant', () => {
    expect(usual.roles).toEqual(
      Object.fromEntries(staffRoles.map((role) => [role, { people: [], groups: [], idpGroups: [] }])),
    );
    expect(usual.tenants).toEqual([]);
  });

  test('the catalogue of scopes', () => {
    const recovery = { minutes: { default: 30, max: 120 }, legs: ['ops', 'security'], lapseMinutes: 60, usualUses: 20 };
    expect(usual.scopes).toEqual({
      content_access: {
        minutes: { default: 60, max: 240 },
        legs: ['owner', 'security'],
        lapseMinutes: 60,
        usualUses: 1000,
      },
      create_platform_owner: recovery,
      reset_admin_password: recovery,
      reenable_admin: recovery,
      audit_view: { minutes: { default: 240, max: 1440 }, legs: [], lapseMinutes: 1440, usualUses: 200 },
      workspace_recovery: { minutes: { default: 60, max: 240 }, legs: ['owner'], lapseMinutes: 1440, usualUses: 50 },
    });
  });

  test('the actions, each with every scope it needs', () => {
    expect(usual.actions).toEqual({
      'content.read': { needs: ['content_access'], when: [] },
      'content.write': { needs: ['content_access'], when: [] },
      'audit.view': { needs: ['audit_view'], when: [] },
      'workspace.create_owner': { needs: ['create_platform_owner', 'workspace_recovery'], when: [] },
      'workspace.reset_password': { needs: ['reset_admin_password', 'workspace_recovery'], when: [] },
      'workspace.reenable_admin': { needs: ['reenable_admin', 'workspace_recovery'], when: [] },
    });
  });

  test('a digest at eight in the morning, UTC; three days until a notice is given up; no link for tickets', () => {
    expect(usual.schedules).toEqual({ digest: { cron: '0 8 * * *', timezone: 'UTC' } });
    expect(usual.notices).toEqual({ deadAfterMinutes: 3 * 24 * 60 });
    expect(usual.tickets.link).toBeNull();
  });

  test('a tenant has no channel, no owners and shares its channel with nobody', () => {
    expect(settingsOf(file({ tenants: '[{ key: acme, name: " Acme " }]' })).tenants).toEqual([
      { key: 'acme', name: 'Acme', channel: null, owners: [], shared: false },
    ]);
  });
});

describe('what a file says counts, and no more than that', () => {
  test('one value of a scope leaves the others and the other scopes as they are', () => {
    const { scopes } = settingsOf(file({ scopes: '{ content_access: { lapse_minutes: 5 } }' }));
    expect(scopes).toEqual({
      ...settingsOf(file()).scopes,
      content_access: {
        minutes: { default: 60, max: 240 },
        legs: ['owner', 'security'],
        lapseMinutes: 5,
        usualUses: 1000,
      },
    });
  });

  test('a new action comes beside the known ones', () => {
    const { actions } = settingsOf(file({ actions: '{ billing.read: { needs: [content_access] } }' }));
    const added = { needs: ['content_access'], when: [] };
    expect(actions).toEqual({ ...settingsOf(file()).actions, 'billing.read': added });
  });

  test('an action may need other scopes for some resources and some ways of doing it', () => {
    const when =
      '[{ resource: { status: archived, tier: 3, held: true }, action: { soft: false }, needs: [workspace_recovery] }]';
    const { actions } = settingsOf(file({ actions: `{ doc.delete: { needs: [content_access], when: ${when} } }` }));
    expect(actions['doc.delete']).toEqual({
      needs: ['content_access'],
      when: [
        {
          resource: { status: 'archived', tier: 3, held: true },
          action: { soft: false },
          needs: ['workspace_recovery'],
        },
      ],
    });
  });

  test('how many uses of a grant are usual', () => {
    const { scopes } = settingsOf(file({ scopes: '{ content_access: { usual_uses: 7 } }' }));
    expect(scopes.content_access.usualUses).toBe(7);
  });

  test('who is who at the identity provider, by Slack account', () => {
    const { identities } = settingsOf(
      file({
        identities:
          "{ U0A: { issuer: 'https://id.example.com', subject: '00u1' }, 'T0B:U0B': { issuer: 'https://id.example.com', subject: '00u2' } }",
      }),
    );
    expect(identities).toEqual({
      'T0HOME:U0A': { issuer: 'https://id.example.com', subject: '00u1' },
      'T0B:U0B': { issuer: 'https://id.example.com', subject: '00u2' },
    });
  });

  test('no digest, where there should be none', () => {
    expect(settingsOf(file({ schedules: '{ digest: ~ }' })).schedules).toEqual({ digest: null });
  });

  test.each([
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'Asia/Kolkata',
    'Asia/Calcutta',
    'Europe/Kyiv',
    'America/Argentina/Ushuaia',
  ])('a digest by the clocks of %s', (timezone) => {
    const text = file({ schedules: `{ digest: { cron: '30 6 * * 1-5', timezone: ${timezone} } }` });
    expect(settingsOf(text).schedules.digest).toEqual({ cron: '30 6 * * 1-5', timezone });
  });

  test('tickets match the pattern as it is written, by code points', () => {
    const { ticketPattern } = policyOf(settingsOf(file({ tickets: String.raw`{ pattern: '^\p{Lu}{2}.$' }` })));
    expect(['ÄÖ🎫', 'äö1', 'ÄÖ'].map((ticket) => ticketPattern.test(ticket))).toEqual([true, false, false]);
  });

  test('every mention of a link is kept for the ticket', () => {
    const link = 'https://t.example/{ticket}?again={ticket}';
    expect(settingsOf(file({ tickets: `{ pattern: x, link: '${link}' }` })).tickets.link).toBe(link);
  });
});

describe('an account is written with its team', () => {
  test('people without a team are of the home team', () => {
    const { roles } = settingsOf(file({ slack: '{ team: E0GRID }', roles: '{ ops: { people: [U0A, W0B] } }' }));
    expect(roles.ops.people).toEqual(['E0GRID:U0A', 'E0GRID:W0B']);
  });

  test('owners may be of another team, which stays; a guest only where it is said for that person', () => {
    const [tenant] = settingsOf(
      tenants("channel: C0ACME, owners: [U0A, 'T0ACME:U0B', { person: U0C }, { person: 'T0ACME:U0D', guest: true }]"),
    ).tenants;
    expect(tenant?.owners).toEqual([
      { account: 'T0HOME:U0A', guestAllowed: false },
      { account: 'T0ACME:U0B', guestAllowed: false },
      { account: 'T0HOME:U0C', guestAllowed: false },
      { account: 'T0ACME:U0D', guestAllowed: true },
    ]);
  });

  test('user groups are Slack’s ids as they are', () => {
    const { roles } = settingsOf(file({ roles: '{ ops: { groups: [S0OPS, S0MORE], idp_groups: [everybody] } }' }));
    expect(roles.ops).toEqual({ people: [], groups: ['S0OPS', 'S0MORE'], idpGroups: ['everybody'] });
  });
});

describe('the policy in force is known by its hash', () => {
  test('which is SHA-256 of the text, to the last character', () => {
    const text = file();
    expect(settingsOf(text)).toMatchObject({ text, hash: createHash('sha256').update(text).digest('hex') });
    expect(settingsOf(`${text}\n`).hash).not.toBe(settingsOf(text).hash);
    expect(policyOf(settingsOf(text)).hash).toBe(settingsOf(text).hash);
  });

  test('and a file under another name is the same policy', () => {
    expect(mistakesIn(file())).toEqual([]);
    expect(settingsOf(file()).hash).toBe(settingsOf(file()).hash);
  });
});

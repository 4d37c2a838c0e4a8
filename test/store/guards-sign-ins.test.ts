import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { across, aPerson, aWorld, requestedGrant, type World } from '../support/builders.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';

let db: TestDatabase;
let session: pg.Client;
let world: World;
let grant: string;
beforeAll(async () => {
  db = await testDatabase();
  session = await db.session('app');
  world = await aWorld(session);
  grant = await requestedGrant(session, world);
});
afterAll(() => db.drop());

const bytes = () => randomBytes(32);
/** A link that somebody may open, in the bot's role; columns beside the usual ones. */
async function added(columns: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = {
    ...{ purpose: 'link', code_hash: bytes(), account: 'T0HOME:U0SAM', person_id: world.security },
    ...columns,
  };
  const names = Object.keys(row);
  const { rows } = await across(session, () =>
    session.query<{ id: string }>(
      `insert into sign_ins (${names}, expires_at) values (${names.map((_, i) => `$${i + 1}`)}, breakglass_now() + interval '10 minutes') returning id`,
      Object.values(row),
    ),
  );
  return rows[0]?.id ?? '';
}
const change = (id: string, set: string, values: unknown[] = []) =>
  across(session, () => session.query(`update sign_ins set ${set} where id = $1`, [id, ...values]));
const signedIn = "browser_hash = $2, issuer = 'i', subject = 's', signed_in_at = breakglass_now()";
const broken = (constraint: string) => ({ constraint });

describe('the database holds, past our code, that a sign-in', () => {
  test('is for a known purpose, and a step-up over a leg', async () => {
    await expect(added({ purpose: 'other' })).rejects.toMatchObject(broken('sign_in_for_a_known_purpose'));
    await expect(added({ purpose: 'step_up' })).rejects.toMatchObject(broken('step_up_is_over_a_leg'));
    await expect(added({ grant_id: grant, leg: 'owner' })).rejects.toMatchObject(broken('step_up_is_over_a_leg'));
    await expect(added({ minutes: 5 })).rejects.toMatchObject(broken('step_up_is_over_a_leg'));
    expect(await added({ purpose: 'step_up', grant_id: grant, leg: 'owner', minutes: 5 })).not.toBe('');
  });

  test('keeps hashes, not codes', async () => {
    await expect(added({ code_hash: Buffer.from('code') })).rejects.toMatchObject(
      broken('codes_and_browsers_are_hashes'),
    );
  });

  test('is not used before somebody signed in and said yes', async () => {
    const id = await added();
    await expect(change(id, 'used_at = breakglass_now()')).rejects.toMatchObject(broken('sign_in_goes_forward'));
    await expect(change(id, 'confirmed_at = breakglass_now()')).rejects.toMatchObject(broken('sign_in_goes_forward'));
    await expect(change(id, "acr = 'gold'")).rejects.toMatchObject(broken('signed_in_as_somebody'));
  });

  test('changes neither its browser, nor who signed in, nor anything once it was used', async () => {
    const id = await added();
    await change(id, signedIn, [bytes()]);
    const guarded = { message: expect.stringContaining('a sign-in is used once') };
    await expect(change(id, 'browser_hash = $2', [bytes()])).rejects.toMatchObject(guarded);
    await expect(change(id, "subject = 'another'")).rejects.toMatchObject(guarded);
    for (const set of ["signed_in_at = breakglass_now() + interval '1 second'", "shown_as = 'Somebody else'"])
      await expect(change(id, set)).rejects.toMatchObject(guarded);
    await change(id, 'confirmed_at = breakglass_now()');
    for (const set of ['confirmed_at = null', "confirmed_at = breakglass_now() + interval '1 second'"])
      await expect(change(id, set)).rejects.toMatchObject(guarded);
    await change(id, 'used_at = breakglass_now()');
    await expect(change(id, 'used_at = null')).rejects.toMatchObject(guarded);
  });

  test('keeps whose it is and what for: the bot may not even try', async () => {
    const id = await added();
    for (const set of [
      "account = 'T0HOME:U0OMAR'",
      `person_id = '${world.operator}'`,
      "purpose = 'step_up'",
      'minutes = 5',
    ])
      await expect(change(id, set)).rejects.toMatchObject({ code: '42501' });
  });

  test('is read by nobody within a tenant', async () => {
    await expect(session.query('select 1 from sign_ins')).rejects.toMatchObject({ code: '42501' });
  });
});

test('Slack vouches for its accounts, and nobody but the file or the person for a subject', async () => {
  const person = await aPerson(session);
  const add = (provider: string, source: string) =>
    session.query(
      "insert into identities (provider, issuer, external_id, person_id, source) values ($1, 'i', 's', $2, $3)",
      [provider, person, source],
    );
  for (const [provider, source] of [
    ['oidc', 'slack'],
    ['slack', 'self'],
    ['oidc', 'admin'],
  ] as const)
    await expect(add(provider, source)).rejects.toMatchObject(broken('source_vouches'));
});

import { expect, test } from 'vitest';
import { configuration } from '../../sandbox/cast.ts';
import { type Office, office } from './office.ts';

/** Who is who at the identity provider, as the file says it. */
const linking = (lines: string) => `${configuration}\nidentities:\n${lines}\n`;
const olivia = "  U0OLIVIA: { issuer: 'https://id.example.com', subject: '00u1' }";
const petra = "  U0PETRA: { issuer: 'https://id.example.com', subject: '00u2' }";

const known = ({ db }: Office) =>
  db.query(
    'superuser',
    `select s.external_id as account, o.issuer, o.external_id as subject from identities o
       join identities s on s.person_id = o.person_id and s.provider = 'slack' where o.provider = 'oidc' order by 1`,
  );
const recorded = ({ db }: Office) =>
  db.query('superuser', `select action, actor, details from audit_events where action like 'identity.%' order by id`);
const row = (account: string, subject: string) => ({ account, issuer: 'https://id.example.com', subject });
const fact = (verb: string, account: string, subject: string) => ({
  action: `identity.${verb}`,
  actor: 'system:configuration',
  details: { person: `slack:T0HOME:${account}`, name: `oidc:https://id.example.com#${subject}`, via: 'file' },
});

test('the file links people to subjects, each on record, once', async () => {
  const at = await office(linking(`${olivia}\n${petra}`));
  expect(await known(at)).toEqual([row('U0OLIVIA', '00u1'), row('U0PETRA', '00u2')]);
  expect(await recorded(at)).toEqual([fact('linked', 'U0OLIVIA', '00u1'), fact('linked', 'U0PETRA', '00u2')]);
  await at.adopt(linking(`${olivia}\n${petra}\n# only a comment is new`));
  expect(await recorded(at)).toHaveLength(2);
});

test('what it no longer says is undone', async () => {
  const at = await office(linking(`${olivia}\n${petra}`));
  await at.adopt(linking(petra));
  expect(await known(at)).toEqual([row('U0PETRA', '00u2')]);
  expect((await recorded(at)).at(-1)).toEqual(fact('unlinked', 'U0OLIVIA', '00u1'));
});

test('a subject goes from one person to another, and a person from one subject to another', async () => {
  const at = await office(linking(`${olivia}\n${petra}`));
  await at.adopt(linking(`${olivia.replace('00u1', '00u2')}\n${petra.replace('00u2', '00u1')}`));
  expect(await known(at)).toEqual([row('U0OLIVIA', '00u2'), row('U0PETRA', '00u1')]);
});

/** Somebody linked themselves a while ago, in whatever way. */
const selfMade = async ({ db, somebody }: Office, account: string, subject: string) => {
  const { person } = await somebody(`T0HOME:${account}`);
  await db.query(
    'superuser',
    "insert into identities (provider, issuer, external_id, person_id, source) values ('oidc', 'https://id.example.com', $1, $2, 'self')",
    [subject, person],
  );
};

test('what people linked themselves stays where the file says nothing of it', async () => {
  const at = await office(linking(olivia));
  await selfMade(at, 'U0OMAR', '00u9');
  await at.adopt(linking(`${olivia}\n${petra}`));
  expect(await known(at)).toEqual([row('U0OLIVIA', '00u1'), row('U0OMAR', '00u9'), row('U0PETRA', '00u2')]);
});

test('the file`s word counts where it names the same account otherwise, the same subject, or both, on record', async () => {
  const at = await office();
  await selfMade(at, 'U0PETRA', '00u9');
  await selfMade(at, 'U0OMAR', '00u2');
  await selfMade(at, 'U0OLIVIA', '00u1');
  await at.adopt(linking(`${olivia}\n${petra}`));
  expect(await known(at)).toEqual([row('U0OLIVIA', '00u1'), row('U0PETRA', '00u2')]);
  expect(await recorded(at)).toEqual([
    fact('unlinked', 'U0OLIVIA', '00u1'),
    fact('unlinked', 'U0OMAR', '00u2'),
    fact('unlinked', 'U0PETRA', '00u9'),
    fact('linked', 'U0OLIVIA', '00u1'),
    fact('linked', 'U0PETRA', '00u2'),
  ]);
  await at.adopt(linking(petra));
  expect(await known(at)).toEqual([row('U0PETRA', '00u2')]);
});

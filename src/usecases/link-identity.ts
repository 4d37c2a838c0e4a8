import type { PersonLink } from '../domain/linking.ts';
import { type Actor, NOBODY } from '../domain/people.ts';
import type { Refusal } from '../domain/refusals.ts';
import { recordAudit } from '../store/audit.ts';
import type { Tx } from '../store/database.ts';
import { isLinked, link, linkOf, unlink } from '../store/identities.ts';
import { enqueue } from '../store/outbox.ts';
import { answerLink, forgetLinking } from '../store/sign-ins.ts';
import type { Context } from './context.ts';

/** What came of linking or unlinking: how the provider names the person, or why not. */
export type Linking = { name: string; refusal?: never } | { refusal: Refusal; name?: never };

interface Answer {
  actor: Actor;
  /** The sign-in's id, as a button said it. Anybody can forge it: the account is looked at again. */
  signIn: string;
  requestId: string;
}

/** Only full members and guests of this workspace: nobody else has an inbox here, and the file can link them. */
export const mayLink = ({ standing, person }: Actor): boolean =>
  person !== NOBODY && (standing === 'member' || standing === 'guest');

export const accountOf = ({ name }: Pick<Actor, 'name'>): string => name.replace(/^slack:/, '');

/** The account that began it says that it was them: only now the identity is theirs. */
export const confirmLink = (context: Context, answer: Answer): Promise<Linking> =>
  onRecord(context, answer, 'link', async (tx): Promise<Linking> => {
    const { actor, requestId } = answer;
    if (!mayLink(actor)) return { refusal: { kind: 'not_vouched_for' } };
    const found = await answerLink(tx, answer.signIn, accountOf(actor));
    if (found === null || found.person !== actor.person) return { refusal: { kind: 'unknown_sign_in' } };
    // Of two at once, the second fails on the key, is tried again, and finds here what the first one did.
    if ((await linkOf(tx, found.person)) || (await isLinked(tx, found))) return { refusal: { kind: 'link_conflict' } };
    await link(tx, found, found.person, 'self');
    return { name: await recordLink(context, tx, 'identity.linked', actor, found, requestId) };
  });

/** The account says that it was not them; or thinks better of it. */
export const refuseLink = (context: Context, answer: Answer): Promise<Linking> =>
  onRecord(context, answer, 'refuse a link', async (tx): Promise<Linking> => {
    const { actor, requestId } = answer;
    const found = await answerLink(tx, answer.signIn, accountOf(actor));
    if (found === null) return { refusal: { kind: 'unknown_sign_in' } };
    return { name: await recordLink(context, tx, 'identity.link_refused', actor, found, requestId) };
  });

/** A person takes back what they linked themselves. */
export const unlinkOwn = (context: Context, { actor, requestId }: Omit<Answer, 'signIn'>): Promise<Linking> =>
  onRecord(context, { actor, requestId, signIn: null }, 'unlink', async (tx): Promise<Linking> => {
    await forgetLinking(tx, actor.person);
    const found = await linkOf(tx, actor.person);
    if (found === null) return { refusal: { kind: 'not_linked' } };
    if (found.source === 'file') return { refusal: { kind: 'link_of_the_file' } };
    await unlink(tx, found);
    return { name: await recordLink(context, tx, 'identity.unlinked', actor, found, requestId) };
  });

/** How the provider names somebody; null for one who is not linked. */
export const linkOfPerson = ({ db }: Context, { person }: Pick<Actor, 'person'>): Promise<PersonLink | null> =>
  db.acrossTenants('how somebody is linked', (tx) => linkOf(tx, person));

async function onRecord(
  { db, refusals }: Context,
  { actor, signIn, requestId }: Omit<Answer, 'signIn'> & { signIn: string | null },
  verb: string,
  work: (tx: Tx) => Promise<Linking>,
): Promise<Linking> {
  const outcome = await db.acrossTenants(verb, work);
  const { refusal } = outcome;
  if (refusal) await refusals.record({ actor, verb, refusal, about: signIn, requestId });
  return outcome;
}

const changeOf = {
  'identity.linked': 'linked',
  'identity.unlinked': 'unlinked',
  'identity.link_refused': 'link_refused',
} as const;

/** On record, and told to security: a day is enough to find out, if somebody looks. */
async function recordLink(
  { inForce }: Context,
  tx: Tx,
  action: keyof typeof changeOf,
  { name: actor }: Actor,
  { issuer, subject }: { issuer: string; subject: string },
  requestId: string,
): Promise<string> {
  const name = `oidc:${issuer}#${subject}`;
  const details = { person: actor, name, via: 'self' };
  await recordAudit(tx, [{ action, actor, tenant: null, grant: null, details }], requestId);
  const notice = { kind: 'identity_changed' as const, account: accountOf({ name: actor }), change: changeOf[action] };
  await enqueue(tx, [{ destination: inForce().channels.security, notice }], { tenant: null, requestId });
  return name;
}

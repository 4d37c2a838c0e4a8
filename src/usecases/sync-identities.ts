import type { Tx } from '../store/database.ts';
import { type Link, link, links, unlink } from '../store/identities.ts';
import { personOf } from '../store/people.ts';
import type { Configuration } from './adopt-policy.ts';
import { record } from './configuration-changes.ts';

/**
 * The file's list of who is who at the identity provider is the whole list. What it no longer says is undone first, so that
 * a subject can go from one person to another.
 */
export async function syncIdentities(tx: Tx, { identities }: Configuration, requestId: string): Promise<void> {
  const wanted = Object.entries(identities).map(([account, name]): Link => ({ account, ...name }));
  const known = await links(tx);
  for (const each of known.filter((was) => !wanted.some((now) => isSame(was, now)))) {
    await unlink(tx, each);
    await record(tx, 'identity.unlinked', null, detailsOf(each), requestId);
  }
  for (const each of wanted.filter((now) => !known.some((was) => isSame(was, now)))) {
    await link(tx, each, await personOf(tx, each.account));
    await record(tx, 'identity.linked', null, detailsOf(each), requestId);
  }
}

const isSame = (one: Link, other: Link): boolean =>
  one.account === other.account && one.issuer === other.issuer && one.subject === other.subject;

const detailsOf = ({ account, issuer, subject }: Link) => ({
  person: `slack:${account}`,
  name: `oidc:${issuer}#${subject}`,
});

import type { Tx } from '../store/database.ts';
import { type Link, link, links, unlink } from '../store/identities.ts';
import { personOf } from '../store/people.ts';
import type { Configuration } from './adopt-policy.ts';
import { record } from './configuration-changes.ts';

/**
 * The file's list of who is who at the identity provider is the whole list of what the file says. What it no longer says
 * is undone first, so that a subject can go from one person to another. What people linked themselves stays, unless the
 * file names the same account or the same subject: then the file's word counts (docs/adr/0018).
 */
export async function syncIdentities(tx: Tx, { identities }: Configuration, requestId: string): Promise<void> {
  const wanted = Object.entries(identities).map(([account, name]): Link => ({ account, ...name }));
  const known = await links(tx);
  const files = known.filter(({ source }) => source === 'file');
  const gone = files.filter((was) => !wanted.some((now) => isSame(was, now)));
  const overruled = known.filter(({ source, ...was }) => source === 'self' && wanted.some((now) => touches(was, now)));
  for (const each of [...gone, ...overruled]) {
    await unlink(tx, each);
    await record(tx, 'identity.unlinked', null, detailsOf(each), requestId);
  }
  for (const each of wanted.filter((now) => !files.some((was) => isSame(was, now)))) {
    await link(tx, each, await personOf(tx, each.account), 'file');
    await record(tx, 'identity.linked', null, detailsOf(each), requestId);
  }
}

const isSame = (one: Link, other: Link): boolean => one.account === other.account && isSameSubject(one, other);
const isSameSubject = (one: Link, other: Link): boolean => one.issuer === other.issuer && one.subject === other.subject;
const touches = (one: Link, other: Link): boolean => one.account === other.account || isSameSubject(one, other);

const detailsOf = ({ account, issuer, subject }: Link) => ({
  person: `slack:${account}`,
  name: `oidc:${issuer}#${subject}`,
  via: 'file',
});

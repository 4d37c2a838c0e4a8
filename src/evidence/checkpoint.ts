import { openNote, type Signer, type Verifier } from './note.ts';

/** The head of a tree: how many leaves it has, and its root. */
export interface Head {
  /** Which log: the key's name for the whole history, with the tenant's id behind it for a tenant's own tree. */
  origin: string;
  size: number;
  root: Buffer;
}

/** The origin of a tenant's own tree. */
export const tenantOrigin = (log: string, tenant: string): string => `${log}/tenant/${tenant}`;

/** A head as a signed note (C2SP tlog-checkpoint): the origin, the size and the root, a line each. */
export const signHead = ({ origin, size, root }: Head, signer: Signer): string =>
  signer.sign(`${origin}\n${size}\n${root.toString('base64')}\n`);

/**
 * Reads a signed head. Lines after the third are allowed by the format and say nothing to us.
 * @returns null where none of the keys signed it, or it is no head
 */
export function openHead(note: string, verifiers: readonly Verifier[]): (Head & { by: Verifier }) | null {
  const opened = openNote(note, verifiers);
  if (!opened) return null;
  const head = headIn(opened.text);
  // A key vouches for the log of its name, and for no other.
  const isOwn = head && (head.origin === opened.by.name || head.origin.startsWith(`${opened.by.name}/`));
  return isOwn ? { ...head, by: opened.by } : null;
}

/** What a note says of a head, whoever signed it; null where it says nothing of one. */
export function headIn(text: string): Head | null {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const bytes = Buffer.from(root, 'base64');
  if (origin === '' || !/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return null;
  if (bytes.length !== 32 || bytes.toString('base64') !== root) return null;
  return { origin, size: Number(size), root: bytes };
}

/** Slack and mail clients add and take away line ends and spaces at both ends; nothing else is forgiven. */
export const tidyNote = (text: string): string => `${text.replaceAll('\r\n', '\n').trim()}\n`;

import { createPrivateKey, createPublicKey, hash, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { isStorable } from '../domain/text.ts';

/** Signed notes as C2SP defines them (c2sp.org/signed-note), with Ed25519: text that other tools can verify too. */

/** The public half of a key: what somebody pins who trusts it. */
export interface Verifier {
  /** The key's name, such as breakglass.example.com. */
  name: string;
  /** Four bytes of a hash of name and key, so that a signature finds its key. */
  id: Buffer;
  key: KeyObject;
  /** As C2SP writes it: `name+id+key`. */
  text: string;
}

/** A key that signs. Its secret is in no field that anybody would log. */
export interface Signer {
  verifier: Verifier;
  sign(text: string): string;
}

const ED25519 = Buffer.of(1);
/** What stands before the 32 bytes of an Ed25519 key in DER (RFC 8410). */
const der = {
  secret: Buffer.from('302e020100300506032b657004220420', 'hex'),
  public: Buffer.from('302a300506032b6570032100', 'hex'),
};

/** C2SP forbids white space and the plus sign in a key's name; people should be able to read it, too. */
const keyName = /^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,99}$/;

const idOf = (name: string, key: Buffer): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), ED25519, key]), 'buffer').subarray(0, 4);

function verifierOf(name: string, raw: Buffer): Verifier {
  const key = createPublicKey({ key: Buffer.concat([der.public, raw]), format: 'der', type: 'spki' });
  const id = idOf(name, raw);
  return { name, id, key, text: `${name}+${id.toString('hex')}+${Buffer.concat([ED25519, raw]).toString('base64')}` };
}

/** Base64 as it must be written: what decodes to the same bytes and is written otherwise is none. */
function bytesOf(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** `name+id+key`: its parts, where the id is the one of this name and the key has the length it must have. */
function keyParts(text: string): { name: string; id: string; raw: Buffer } | null {
  const [, name = '', id = '', encoded = ''] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  const raw = bytesOf(encoded);
  if (!keyName.test(name) || raw?.length !== 33 || raw[0] !== 1) return null;
  return { name, id, raw: raw.subarray(1) };
}

/** Reads the public half of a key; null where the text is none. */
export function readVerifier(text: string): Verifier | null {
  const parts = keyParts(text.trim());
  const verifier = parts && verifierOf(parts.name, parts.raw);
  return verifier && verifier.id.toString('hex') === parts.id ? verifier : null;
}

const SECRET = 'PRIVATE+KEY+';

/** Reads a key that signs, in the form of Go's note package: `PRIVATE+KEY+name+id+key`; null where the text is none. */
export function readSigner(text: string): Signer | null {
  const trimmed = text.trim();
  const parts = trimmed.startsWith(SECRET) ? keyParts(trimmed.slice(SECRET.length)) : null;
  if (!parts) return null;
  const secret = createPrivateKey({ key: Buffer.concat([der.secret, parts.raw]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(der.public.length);
  const verifier = verifierOf(parts.name, raw);
  if (verifier.id.toString('hex') !== parts.id) return null;
  return { verifier, sign: (note) => signedBy(note, verifier, secret) };
}

/** Makes a key. The name is the one of the log that it signs, and stays the same when the key is replaced. */
export function newSigner(name: string): { secret: string; verifier: string } {
  if (!keyName.test(name)) throw new RangeError('A name has letters, digits, dots, dashes and slashes.');
  const raw = randomBytes(32);
  const secret = createPrivateKey({ key: Buffer.concat([der.secret, raw]), format: 'der', type: 'pkcs8' });
  const shown = createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(der.public.length);
  const { id, text } = verifierOf(name, shown);
  const encoded = Buffer.concat([ED25519, raw]).toString('base64');
  return { secret: `${SECRET}${name}+${id.toString('hex')}+${encoded}`, verifier: text };
}

function signedBy(text: string, { name, id }: Verifier, secret: KeyObject): string {
  if (!isNoteText(text)) throw new RangeError('A note is text in whole lines.');
  const signature = Buffer.concat([id, sign(null, Buffer.from(text), secret)]);
  return `${text}\n\u2014 ${name} ${signature.toString('base64')}\n`;
}

/** Whole lines, none of them with a control character. */
const isNoteText = (text: string): boolean => text.endsWith('\n') && !/(?!\n)\p{Cc}/u.test(text) && isStorable(text);

/**
 * Opens a signed note: its text, where one of these keys signed it. Signatures of keys that nobody here knows are
 * passed over; one that names a known key and is wrong makes the note worth nothing.
 * @returns null where no known key signed it, or the text is no signed note
 */
export function openNote(note: string, verifiers: readonly Verifier[]): { text: string; by: Verifier } | null {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return null;
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (!isNoteText(text) || lines.length > 100) return null;
  let by: Verifier | null = null;
  for (const line of lines) {
    const [, name = '', encoded = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const signature = bytesOf(encoded);
    if (name === '' || !signature || signature.length < 5) return null;
    const known = verifiers.find((each) => each.name === name && each.id.equals(signature.subarray(0, 4)));
    if (!known) continue;
    if (!verify(null, Buffer.from(text), known.key, signature.subarray(4))) return null;
    by ??= known;
  }
  return by && { text, by };
}

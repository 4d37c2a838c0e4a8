import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headIn, openHead, signHead, tenantOrigin, tidyNote } from '../../src/evidence/checkpoint.ts';
import { leafHash } from '../../src/evidence/merkle.ts';
import { newSigner, openNote, readSigner, readVerifier, type Signer, type Verifier } from '../../src/evidence/note.ts';

/** The example of Go's note package (golang.org/x/mod/sumdb/note), which other tools read and write. */
const published = {
  secret: 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  signature:
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

function aSigner(name = 'breakglass.example.com'): Signer {
  const signer = readSigner(newSigner(name).secret);
  if (!signer) throw new Error('A key that was just made can not be read.');
  return signer;
}
const read = (text: string): Verifier => {
  const verifier = readVerifier(text);
  if (!verifier) throw new Error('This is no key.');
  return verifier;
};

describe("another tool's note", () => {
  test('is opened with its key', () => {
    const note = `${published.text}\n${published.signature}`;
    expect(openNote(note, [read(published.verifier)])).toMatchObject({ text: published.text });
  });

  test('is the one that we write with its secret', () => {
    const signer = readSigner(published.secret);
    expect(signer?.verifier.text).toBe(published.verifier);
    expect(signer?.sign(published.text)).toBe(`${published.text}\n${published.signature}`);
  });
});

describe('a signed note', () => {
  const signer = aSigner();
  const note = signer.sign('one line\nanother\n');

  test('is opened by its key, whatever other keys are known', () => {
    expect(openNote(note, [aSigner().verifier, signer.verifier])).toEqual({
      text: 'one line\nanother\n',
      by: signer.verifier,
    });
    expect(openNote(note, [aSigner().verifier])).toBeNull();
    expect(openNote(note, [])).toBeNull();
  });

  test('is opened although somebody else signed it as well', () => {
    const cosigned = `${note}${aSigner('witness.example.com').sign('one line\nanother\n').split('\n\n')[1]}`;
    expect(openNote(cosigned, [signer.verifier])?.text).toBe('one line\nanother\n');
  });

  test('is worth nothing with any character changed, left out or put in', () => {
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.constantFrom('x', '\n', '', ' ', '='), (at, put) => {
        const changed = note.slice(0, at) + put + note.slice(at + 1);
        fc.pre(changed !== note);
        expect(openNote(changed, [signer.verifier])).toBeNull();
      }),
      { numRuns: 400 },
    );
  });

  test('is refused where its base64 is written in another way', () => {
    expect(openNote(note.replace(/=\n$/, '\n'), [signer.verifier])).toBeNull();
    expect(openNote(`${note.slice(0, -1)}=\n`, [signer.verifier])).toBeNull();
  });

  test('is whole lines without control characters', () => {
    for (const text of ['no end', 'a\u0007\n', 'a\r\n', '\ud800\n'])
      expect(() => signer.sign(text)).toThrow(RangeError);
  });
});

describe('a key', () => {
  test.each([
    '',
    'name',
    'PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+AhpcAgcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'PeterNeumann+c74f20a3+ARpc',
    published.secret,
  ])('is not: %s', (text) => expect(readVerifier(text)).toBeNull());

  test.each(['', published.verifier, published.secret.replace('c74f20a3', 'c74f20a4'), 'PRIVATE+KEY+a+b+c'])(
    'that signs is not: %s',
    (text) => expect(readSigner(text)).toBeNull(),
  );

  test('has a name of letters, digits, dots, dashes and slashes', () => {
    for (const name of ['', 'a b', 'a+b', '-a', 'a\n', 'a'.repeat(101)]) {
      expect(() => newSigner(name), name).toThrow(RangeError);
    }
  });

  test('does not show its secret', () => {
    const { secret } = newSigner('breakglass.example.com');
    const signer = readSigner(secret);
    const [, key = ''] = /^PRIVATE\+KEY\+[^+]+\+[^+]+\+(.+)$/.exec(secret) ?? []; // it has signs of + itself
    expect(key).toHaveLength(44);
    expect(JSON.stringify(signer)).not.toContain(key);
  });
});

describe('a head', () => {
  const signer = aSigner();
  const head = { origin: 'breakglass.example.com', size: 12, root: leafHash('x') };

  test('is read as it was signed', () => {
    expect(openHead(signHead(head, signer), [signer.verifier])).toEqual({ ...head, by: signer.verifier });
  });

  test('of a tenant has an origin of its own, under the name of the key', () => {
    const origin = tenantOrigin(head.origin, 'b5f1');
    expect(origin).toBe('breakglass.example.com/tenant/b5f1');
    expect(openHead(signHead({ ...head, origin }, signer), [signer.verifier])?.origin).toBe(origin);
  });

  test('of another log is none, although our key signed it', () => {
    for (const origin of ['other.example.com', 'breakglass.example.community']) {
      expect(openHead(signHead({ ...head, origin }, signer), [signer.verifier])).toBeNull();
    }
  });

  test('may have lines that say nothing to us', () => {
    const note = signer.sign(`${head.origin}\n12\n${head.root.toString('base64')}\nextension\n`);
    expect(openHead(note, [signer.verifier])?.size).toBe(12);
  });

  test.each([
    '',
    'a\n',
    'a\n1\n',
    `a\n01\n${head.root.toString('base64')}\n`,
    'a\n1\nAAAA\n',
    `a\n-1\n${head.root.toString('base64')}\n`,
  ])('is not: %j', (text) => expect(headIn(text)).toBeNull());

  test('survives being copied from a message', () => {
    const note = signHead(head, signer);
    const copied = `  ${note.replaceAll('\n', '\r\n')}\r\n\r\n `;
    expect(openHead(tidyNote(copied), [signer.verifier])).not.toBeNull();
  });
});

import { beforeAll, describe, expect, test } from 'vitest';
import { tenantOrigin } from '../../src/evidence/checkpoint.ts';
import { verifyBundle } from '../../src/evidence/verify-bundle.ts';
import { aSigner } from '../support/sealing.ts';
import { ACME, bundleOf, entryText, type History, headOf } from './bundles.ts';

const signer = aSigner();
const entries = Array.from({ length: 20 }, (_, n) => entryText(n, 'access.allowed', { n }));
const history: History = { signer, entries };
const longer: History = { signer, entries: [...entries, entryText(20, 'access.allowed')] };
/** The same history with another entry in it, as somebody would have it who holds the signing key. */
const other: History = { signer, entries: entries.with(3, entryText(3, 'access.denied')) };
const minute = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
let file: string;
beforeAll(async () => {
  const selection = { kind: 'window' as const, from: minute(5.5), to: minute(13.5), tenant: null };
  file = await bundleOf(history, { selection, leaves: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14], posted: [4] });
});

async function said(note: string): Promise<string[]> {
  const { findings } = await verifyBundle(file, { keys: [signer.verifier], held: [{ file: 'held.txt', note }] });
  return findings.map(({ file: name, what }) => `${name}: ${what}`);
}

describe('a checkpoint that somebody held on to', () => {
  test.each([4, 5, 9, 15, 20])('of %d entries agrees with the history it is of', async (size) => {
    expect(await said(headOf(history, size).note)).toEqual([]);
  });

  test('agrees as Slack and mail hand it on, too', async () => {
    expect(await said(`\r\n ${headOf(history, 9).note.replaceAll('\n', '\r\n')}\r\n\r\n`)).toEqual([]);
  });

  test.each([4, 5, 9, 15, 20])('of %d entries of another history says that it was changed', async (size) => {
    expect(await said(headOf(other, size).note)).toEqual([
      `held.txt: history was changed: the first ${size} entries are not what this checkpoint says`,
    ]);
  });

  test('of more entries says that the export is older, or history was cut', async () => {
    expect(await said(headOf(longer).note)).toEqual([
      'held.txt: the export ends before this checkpoint of 21 entries, at 20: it is older, or history was cut',
    ]);
  });

  test.each([3, 16])(
    'of %d entries that the bundle has nothing about is said to be so, and counts as no',
    async (size) => {
      expect(await said(headOf(history, size).note)).toEqual([
        `held.txt: this checkpoint of ${size} entries can't be compared: the bundle has no proof that leads from it`,
      ]);
    },
  );

  test('of another tree is not compared', async () => {
    expect(await said(headOf(history, 9, ACME).note)).toEqual([
      `held.txt: it is of the tree ${tenantOrigin(signer.verifier.name, ACME)}, the bundle of ${signer.verifier.name}`,
    ]);
  });

  test('that another key signed, or nobody, is worth nothing', async () => {
    const wrong = 'held.txt: it is no checkpoint that one of the keys that were given signed';
    expect(await said(headOf({ ...history, signer: aSigner() }, 9).note)).toEqual([wrong]);
    expect(await said(headOf(history, 9).note.replace('\n9\n', '\n8\n'))).toEqual([wrong]);
    expect(await said('')).toEqual([wrong]);
  });
});

describe('the key', () => {
  test('is the one that the caller gives: a bundle signed by another of the same name fails whole', async () => {
    const { findings } = await verifyBundle(file, { keys: [aSigner().verifier], held: [] });
    expect(findings.map(({ file: name, what }) => `${name}: ${what}`)).toEqual([
      'manifest.sig.txt: none of the keys that were given signed it',
      'checkpoint.txt: none of the keys that were given signed it',
    ]);
  });

  test('that replaced another vouches beside it', async () => {
    const { findings, remarks } = await verifyBundle(file, { keys: [aSigner().verifier, signer.verifier], held: [] });
    expect({ findings, remarks }).toEqual({ findings: [], remarks: [] });
  });
});

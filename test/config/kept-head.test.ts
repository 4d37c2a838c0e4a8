import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { headKeptIn, sealKeyIn } from '../../src/kept-head.ts';

let folder: string;
let lines: Record<string, unknown>[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'breakglass-kept-'));
  lines = [];
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});
const log = () => pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const said = () => lines.map(({ msg }) => msg);

describe('the last head', () => {
  test('is kept as a whole, and read again by the next process', async () => {
    const kept = headKeptIn(folder, log());
    expect(kept.note()).toBeNull();
    await kept.keep('one\n');
    await kept.keep('two\n');
    expect(kept.note()).toBe('two\n');
    expect(headKeptIn(folder, log()).note()).toBe('two\n');
    expect(readdirSync(folder)).toEqual(['audit-head']);
  });

  test('is missed in the log where none was kept', () => {
    headKeptIn(folder, log());
    expect(said()).toEqual(['no head of the history was kept here: what the database has is believed once']);
  });

  test('that can not be kept is said once, until it can be again, and holds up nothing', async () => {
    const nowhere = path.join(folder, 'a-file');
    writeFileSync(nowhere, '');
    const kept = headKeptIn(nowhere, log());
    lines = [];
    await kept.keep('one\n');
    await kept.keep('two\n');
    expect(kept.note()).toBe('two\n');
    expect(said()).toEqual(['the last head of the history could not be kept outside the database']);
    rmSync(nowhere);
    await kept.keep('three\n');
    expect(readFileSync(path.join(nowhere, 'audit-head'), 'utf8')).toBe('three\n');
  });

  test('that is there and can not be read is not taken for none', () => {
    mkdirSync(path.join(folder, 'audit-head'));
    expect(headKeptIn(folder, log()).note()).toBe('');
    expect(said()).toEqual(['the head of the history that was kept here can not be read']);
  });
});

describe('the key of an installation that nobody gave one', () => {
  test('is made once, for this user alone, and found again', () => {
    const first = sealKeyIn(path.join(folder, 'data'));
    expect(sealKeyIn(path.join(folder, 'data')).signer.verifier.text).toBe(first.signer.verifier.text);
    expect(statSync(first.file).mode & 0o777).toBe(0o600);
  });

  test('is not made anew where the file holds none', () => {
    const { file } = sealKeyIn(folder);
    writeFileSync(file, 'nonsense');
    expect(() => sealKeyIn(folder)).toThrow(ConfigurationError);
    expect(readFileSync(file, 'utf8')).toBe('nonsense');
  });
});

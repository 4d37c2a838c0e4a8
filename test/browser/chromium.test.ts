import { expect, test } from 'vitest';
import { findChromium } from '../../sandbox/chromium.ts';

test('CHROMIUM_PATH names another than the usual ones', () => {
  expect(findChromium({ CHROMIUM_PATH: process.execPath })).toBe(process.execPath);
});

test('a CHROMIUM_PATH that leads nowhere is said, not passed over', () => {
  expect(() => findChromium({ CHROMIUM_PATH: '/nowhere/chromium' })).toThrow(
    'CHROMIUM_PATH: expected a program that can be run, found "/nowhere/chromium"',
  );
});

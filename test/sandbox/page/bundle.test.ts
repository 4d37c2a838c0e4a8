import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { type Bundle, bundlePage } from '../../../sandbox/page/server/bundle.ts';

const entry = new URL('../../../sandbox/page/browser/main.tsx', import.meta.url);
/** What a browser is sent, unpacked (bytes). */
const SCRIPT_AT_MOST = 150_000;

let bundle: Bundle;
beforeAll(async () => {
  bundle = await bundlePage(entry);
});

test('the page is made of Preact and of our own sources, and is small', async () => {
  const options = { jsx: 'automatic', jsxImportSource: 'preact', outdir: 'page' } as const;
  const { metafile } = await build({
    ...{ ...options, entryPoints: [fileURLToPath(entry)] },
    ...{ bundle: true, write: false, metafile: true, logLevel: 'silent' },
  });
  const packages = Object.keys(metafile.inputs).flatMap((file) => /node_modules\/([^/]+)/.exec(file)?.[1] ?? []);
  expect(new Set(packages)).toEqual(new Set(['preact']));
  expect(bundle.script.length).toBeGreaterThan(20_000);
  expect(bundle.script.length).toBeLessThan(SCRIPT_AT_MOST);
});

test('neither its program nor its looks name another machine', () => {
  const addresses =
    `${bundle.script} ${bundle.styles}`.match(/(https?:|wss?:)?\/\/[\w.-]+\.\w+|url\((?!["']?data:)/g) ?? [];
  expect(addresses.filter((address) => !address.includes('www.w3.org'))).toEqual([]);
});

test('a source that can’t be built is said in a sentence', async () => {
  await expect(bundlePage(new URL('nowhere.tsx', entry))).rejects.toThrow('The page could not be built.');
});

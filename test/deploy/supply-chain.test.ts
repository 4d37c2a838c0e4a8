import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { read } from '../docs/reading.ts';

interface Locked {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  devOptional?: boolean;
  peer?: boolean;
  integrity?: string;
}
const { version } = JSON.parse(read('package.json'));
const locked: Record<string, Locked> = JSON.parse(read('package-lock.json')).packages;

/** Packages of the image by name and version: neither development nor optional ones. */
const shipped = Object.entries(locked)
  .filter(([at, { dev, optional, devOptional }]) => at !== '' && !dev && !optional && !devOptional)
  .map(([at, each]) => `${at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${each.version}`);

test('npm run sbom lists every package of the image, and none that is not in it', async () => {
  const { stdout } = await promisify(execFile)('npm', ['run', '--silent', 'sbom'], { maxBuffer: 1 << 26 });
  const bom = JSON.parse(stdout);
  expect(bom.bomFormat).toBe('CycloneDX');
  expect(bom.metadata.component).toMatchObject({ name: 'breakglass-bot', version });
  const listed = bom.components.map(({ purl }: { purl: string }) =>
    decodeURIComponent(purl.replace('pkg:npm/', '').replace(/\?.*$/, '')),
  );
  expect(listed.length).toBeGreaterThan(50);
  expect([...new Set(listed)].sort()).toEqual([...new Set(shipped)].sort());
});

test('every package of the image is what the lock file says, by its hash', () => {
  const unproven = Object.entries(locked).filter(
    ([at, { dev, optional, integrity }]) => at !== '' && !dev && !optional && !integrity,
  );
  expect(unproven.map(([at]) => at)).toEqual([]);
});

test('every dependency is pinned exactly', () => {
  const { dependencies, optionalDependencies, devDependencies } = JSON.parse(read('package.json'));
  const versions = Object.entries<string>({ ...dependencies, ...optionalDependencies, ...devDependencies });
  expect(versions.length).toBeGreaterThan(20);
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+([-+][\w.]+)?$/.test(version))).toEqual([]);
});

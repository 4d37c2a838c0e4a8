import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * What the image holds, as CycloneDX on stdout: npm run --silent sbom > breakglass.cdx.json
 *
 * `npm sbom --omit=dev` leaves out what production and development both use (express, pg and zod among others), so npm is
 * shown a lock file that has nothing but what `npm ci --omit=dev --omit=optional` installs.
 */
interface Lock {
  packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean } & Record<string, unknown>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const lock: Lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const without = ({ devDependencies: _, optionalDependencies: __, ...rest }: Record<string, unknown>) => rest;
const installed = Object.entries(lock.packages).filter(([, each]) => !each.dev && !each.optional && !each.devOptional);

const temporary = mkdtempSync(path.join(tmpdir(), 'breakglass-sbom-'));
// npm calls the whole by the name of its folder.
const folder = path.join(temporary, manifest.name);
try {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(without(manifest)));
  writeFileSync(
    path.join(folder, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: Object.fromEntries(installed) }),
  );
  const words = ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'];
  execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

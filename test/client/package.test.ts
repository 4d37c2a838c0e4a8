import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesUnder, read, withoutComments } from '../docs/reading.ts';
import { type StubServer, stubServer } from './stub-server.ts';

const run = promisify(execFile);
const tsc = path.resolve('node_modules/typescript/bin/tsc');

test('the guard imports no package, nothing of Node and nothing of the bot: only its own files', () => {
  const files = filesUnder('src/client', '.ts');
  const imported = files.flatMap((file) =>
    [...withoutComments(read(file)).matchAll(/\b(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, to]) => to),
  );
  expect(imported.length).toBeGreaterThan(10);
  expect(imported.filter((to) => !files.includes(`src/client/${to?.slice(2)}`))).toEqual([]);
});

test('the package shows the guard and nothing else, from one source', () => {
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, Record<string, string>> };
  expect(exports).toEqual({
    './guard': {
      'breakglass-source': './src/client/index.ts',
      types: './dist/client/index.d.ts',
      default: './dist/client/index.js',
    },
  });
});

/** A project of somebody else's, with the package as it is built and published, and nothing else installed. */
let project: string;
let server: StubServer;
beforeAll(async () => {
  server = await stubServer();
  project = await mkdtemp(path.join(os.tmpdir(), 'guarded-'));
  const installed = path.join(project, 'node_modules/breakglass-bot');
  await mkdir(installed, { recursive: true });
  await cp('package.json', path.join(installed, 'package.json'));
  const build = {
    extends: path.resolve('tsconfig.build.json'),
    compilerOptions: {
      rootDir: path.resolve('src'),
      outDir: path.join(installed, 'dist'),
      typeRoots: [path.resolve('node_modules/@types')],
    },
    include: [path.resolve('src/client')],
  };
  await writeFile(path.join(project, 'build.json'), JSON.stringify(build));
  await run(process.execPath, [tsc, '-p', path.join(project, 'build.json')]);
  await writeFile(path.join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  await mkdir(path.join(project, 'node_modules/@types'));
  for (const types of ['@types/node', 'undici-types']) {
    await symlink(path.resolve('node_modules', types), path.join(project, 'node_modules', types));
  }
});
afterAll(async () => {
  await server.close();
  await rm(project, { recursive: true, force: true });
});

const consumer = (types: boolean) => `
  import { createGuard, evaluationOf${types ? ', type Answer' : ''} } from 'breakglass-bot/guard';
  const guard = createGuard({ url: ${types ? 'String(process.argv[2])' : 'process.argv[2]'}, key: 'bg_secret' });
  const answer${types ? ': Answer' : ''} = await guard.check({ subject: 'slack:T:U', action: 'content.read', tenant: 'acme' });
  const request = new Request('http://service/');
  const rule = { action: 'content.read', tenant: 'acme', subject: 'slack:T:U' };
  await guard.requireGrant(rule).fetch(() => new Response())(request);
  console.log(answer.kind, evaluationOf(request)?.evaluationId);`;

test('plain Node imports what the build makes', async () => {
  await writeFile(path.join(project, 'consumer.js'), consumer(false));
  const { stdout } = await run(process.execPath, [path.join(project, 'consumer.js'), server.url]);
  expect(stdout).toBe('allowed e-1\n');
});

test('its types hold in a strict project that checks libraries too', async () => {
  await writeFile(path.join(project, 'consumer.ts'), consumer(true));
  const strict = [
    '--strict',
    '--skipLibCheck',
    'false',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ];
  await run(process.execPath, [tsc, '--noEmit', ...strict, 'consumer.ts'], { cwd: project });
});

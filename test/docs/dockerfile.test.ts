import { spawn } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import { testAuthority } from '../support/certificates.ts';
import { read } from './reading.ts';

/** Instructions, a line each. No Docker engine is needed, or used, to hold these promises. */
const stages = read('Dockerfile')
  .replace(/\\\n\s*/g, '')
  .split(/^(?=FROM )/m)
  .slice(1)
  .map((stage) =>
    stage
      .split('\n')
      .filter((line) => /^[A-Z]+ /.test(line))
      .map((line) => ({ word: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1) })),
  );
const instructions = stages.flat();
const last = stages.at(-1) ?? [];
const named = (word: string) => last.filter((each) => each.word === word).map(({ rest }) => rest);

describe('the image', () => {
  test('is built on Node 24 by one tag, and runs on the same Node and the same Debian without a shell', () => {
    const bases = stages.map(([from]) => from?.rest.split(' ')[0] ?? '');
    const run = bases.pop();
    expect(new Set(bases)).toEqual(new Set(['node:24-bookworm-slim']));
    expect(run).toBe('gcr.io/distroless/nodejs24-debian12:nonroot');
  });

  test('asks for no shell in its last stage, where there is none', () => {
    expect(named('RUN')).toEqual([]);
    for (const word of ['ENTRYPOINT', 'CMD']) expect(() => JSON.parse(named(word)[0] ?? ''), word).not.toThrow();
  });

  test('runs as an unprivileged user, and what follows changes nothing as root', () => {
    const user = last.findIndex(({ word }) => word === 'USER');
    expect(last[user]?.rest).toBe('65532:65532');
    expect(last.slice(user).filter(({ word }) => ['USER', 'RUN', 'COPY'].includes(word)).length).toBe(1);
  });

  test('lets that user write where it keeps the last seal, and nowhere else', () => {
    const owned = named('COPY').filter((rest) => rest.includes('--chown'));
    expect(owned).toEqual(['--from=packages --chown=65532:65532 /data /var/lib/breakglass']);
    expect(named('ENV').join(' ')).toContain('DATA_DIR=/var/lib/breakglass');
  });

  test('holds the packages of production only: no development ones, none that are optional, no install scripts', () => {
    const source = named('COPY').find((rest) => rest.includes('node_modules'));
    const stage = /--from=(\w+)/.exec(source ?? '')?.[1];
    const installing = stages
      .find(([from]) => from?.rest.endsWith(` AS ${stage}`))
      ?.filter(({ word }) => word === 'RUN');
    const commands = installing?.map(({ rest }) => rest);
    expect(commands).toEqual(['npm ci --omit=dev --omit=optional --ignore-scripts', 'mkdir /data']);
  });

  test('holds what the bot reads at run time, and no more of the source', () => {
    const kept = named('COPY').map((rest) => rest.split(' ').at(-1));
    const data = '/var/lib/breakglass';
    expect(kept.sort()).toEqual(['./', data, 'dist', 'node_modules', 'prisma/migrations', 'prisma/schema.prisma']);
  });

  test('starts the bot itself, so that signals reach it, with NODE_ENV=production', () => {
    expect(named('ENTRYPOINT')).toEqual(['["/nodejs/bin/node"]']);
    expect(named('CMD')).toEqual(['["dist/main.js"]']);
    expect(named('ENV').join(' ')).toContain('NODE_ENV=production');
  });

  test('has no secret baked in', () => {
    expect(instructions.filter(({ word }) => word === 'ARG' || word === 'ADD')).toEqual([]);
    expect(named('ENV').join(' ')).not.toMatch(/TOKEN|SECRET|PASSWORD|URL|KEY/);
  });

  test('keeps what is private or needless out of the build', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const name of [
      '.git',
      '.env',
      '.data',
      'breakglass.yml',
      'node_modules',
      'sandbox',
      'test',
      'bench',
      'secrets',
    ]) {
      expect(ignored).toContain(name);
    }
  });
});

describe('its health check', () => {
  const [, json = '[]'] = /CMD (\[.*\])$/.exec(named('HEALTHCHECK')[0] ?? '') ?? [];
  const [command = '', ...args]: string[] = JSON.parse(json);
  let server: Server | undefined;
  afterEach(() => server?.close());

  /** Answers /healthz with a status on a free port. */
  const answering = (status: number, serving: (answer: RequestListener) => Server = createServer): Promise<number> =>
    new Promise((resolve) => {
      server = serving((request, response) => response.writeHead(request.url === '/healthz' ? status : 500).end());
      server.listen(0, '127.0.0.1', () => {
        const address = server?.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  const check = (port: number, more: Record<string, string> = {}): Promise<number | null> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH, API_PORT: String(port), ...more };
      spawn(process.execPath, args, { env, stdio: 'ignore' }).once('exit', resolve);
    });

  test('is the Node of the image, needing no other program', () => {
    expect([command]).toEqual(JSON.parse(named('ENTRYPOINT')[0] ?? '[]'));
  });
  test('says well where /healthz does', async () => expect(await check(await answering(200))).toBe(0));
  test('says ill where /healthz does not', async () => expect(await check(await answering(503))).toBe(1));
  test('speaks TLS where the API does, whoever signed its certificate', async () => {
    const certificate = await (await testAuthority('somebody')).sign('CN=breakglass.example.com');
    for (const [status, said] of [
      [200, 0],
      [503, 1],
    ] as const) {
      const port = await answering(status, (answer) => createTlsServer(certificate, answer));
      expect(await check(port, { API_TLS_CERT_FILE: '/etc/breakglass/tls.crt' })).toBe(said);
      expect(await check(port)).toBe(1);
      server?.close();
    }
  });
  test('says ill where nobody answers', async () => {
    const port = await answering(200);
    server?.close();
    expect(await check(port)).toBe(1);
  });
});

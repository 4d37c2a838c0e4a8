import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readOfflineEnvironment } from '../../src/config.ts';
import { filesUnder, read } from '../docs/reading.ts';
import {
  bots,
  compose,
  deployed,
  knownVariables,
  manifest,
  manifests,
  pods,
  replica,
  service,
  unitHas,
} from './files.ts';

const { version } = JSON.parse(read('package.json'));
const ours = `breakglass:${version}`;
const containers = pods.flatMap(({ spec }) => spec.template.spec.containers);

/** What each way of running sets by itself, beside what the installation brings along. */
const variables: Record<string, Record<string, string>> = {
  image: Object.fromEntries(
    [...read('Dockerfile').matchAll(/\b([A-Z_]+)=(\S+)/g)].map(([, key, value]) => [key, value]),
  ),
  ...Object.fromEntries(bots.map((name) => [name, service(name).environment ?? {}])),
  kubernetes: Object.fromEntries((replica.containers[0]?.env ?? []).map(({ name, value }) => [name, value])),
  systemd: Object.fromEntries(unitHas('Environment').map((pair) => pair.split('='))),
};

describe.each(Object.entries(variables))('what runs as %s', (_name, set) => {
  test('is given variables that are read, and those are', () => {
    expect(Object.keys(set).length).toBeGreaterThan(2);
    expect(Object.keys(set).filter((name) => !knownVariables.includes(name))).toEqual([]);
  });

  test('is in production, with its data and its configuration at one place, and takes what it is given', () => {
    expect(set).toMatchObject({
      NODE_ENV: 'production',
      DATA_DIR: '/var/lib/breakglass',
      CONFIG_FILE: '/etc/breakglass/breakglass.yml',
    });
    expect(() => readOfflineEnvironment({ ...set })).not.toThrow();
  });
});

describe('the file of variables', () => {
  const steps = read('docs/deployment.md');
  const left = [...steps.matchAll(/grep -vE '([^']+)' \.env\.example/g)].map(([, pattern = '']) => pattern);
  const copied = read('.env.example')
    .split('\n')
    .filter((line) => !new RegExp(left[0] ?? '').test(line));
  const given = Object.fromEntries(
    copied.flatMap((line) => [...line.matchAll(/^([A-Z][A-Z_]*)=(.*)$/g)].map(([, name, value]) => [name, value])),
  );

  test('is copied by the same command in each of the ways, and never as it stands', () => {
    expect([left.length, new Set(left).size]).toEqual([3, 1]);
    expect(steps.match(/(cp|install) [^\n]*\.env\.example/g)).toBeNull();
  });

  test.each(['image', 'systemd'])('overrules nothing that the %s sets: there, what is in the file counts', (way) => {
    expect(Object.keys(given).length).toBeGreaterThan(10);
    expect({ ...variables[way], ...given }).toMatchObject(variables[way] ?? {});
  });

  test('does not bring the owner of the tables along', () => {
    expect(Object.keys(given).filter((name) => name.startsWith('MIGRATE'))).toEqual([]);
  });
});

describe('ports', () => {
  const { apiPort } = readOfflineEnvironment({});
  const slackPort = Number(/SLACK_PORT: port\((\d+)\)/.exec(read('src/config/variables.ts'))?.[1]);

  test('are those that the bot takes by itself, everywhere', () => {
    expect(read('Dockerfile')).toContain(`\nEXPOSE ${slackPort} ${apiPort}\n`);
    const given = [...bots.map((name) => service(name).environment), variables.kubernetes];
    for (const set of given) expect(set).toMatchObject({ SLACK_PORT: `${slackPort}`, API_PORT: `${apiPort}` });
    expect(replica.containers[0]?.ports).toEqual([
      { name: 'slack', containerPort: slackPort },
      { name: 'api', containerPort: apiPort },
    ]);
  });

  test('of the proxy lead to every replica: Slack to its door alone, the API from this machine alone', () => {
    const file = read('deploy/Caddyfile');
    const to = (port: number) => `reverse_proxy ${bots.map((name) => `${name}:${port}`).join(' ')} {`;
    expect(file).toContain(`handle /slack/events {\n\t\t${to(slackPort)}`);
    expect(file).toContain(`:${apiPort} {\n\t${to(apiPort)}`);
    expect(file).toContain(`health_port ${apiPort}`);
    expect(service('proxy').ports).toEqual(['80:80', '443:443', `127.0.0.1:${apiPort}:${apiPort}`]);
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(['proxy']);
  });

  test('of the services lead to ports of the pods, by name', () => {
    const services = manifests.filter(({ kind }) => kind === 'Service');
    const names = (replica.containers[0]?.ports ?? []).map(({ name, containerPort }) => `${name} ${containerPort}`);
    const led = services.flatMap(({ spec }) => spec.ports.map(({ port, targetPort }) => `${targetPort} ${port}`));
    expect(led.length).toBe(3);
    expect(led.filter((each) => !names.includes(each))).toEqual([]);
  });

  test('that are not for the public are for those pods only that say they ask', () => {
    const rules = manifest('NetworkPolicy').spec.ingress;
    const open = rules.filter(({ from }) => from === undefined).flatMap(({ ports }) => ports.map(({ port }) => port));
    expect(open).toEqual(['slack']);
    expect(rules.flatMap(({ ports }) => ports.map(({ port }) => port)).sort()).toEqual(['api', 'slack']);
  });
});

describe('health', () => {
  const served = filesUnder('src/http', '.ts').map(read).join('\n');
  const asked = [
    ...['startupProbe', 'livenessProbe', 'readinessProbe'].map(
      (probe) => replica.containers[0]?.[probe as 'livenessProbe']?.httpGet.path ?? probe,
    ),
    ...[...read('deploy/Caddyfile').matchAll(/health_uri (\S+)/g)].map(([, path = '']) => path),
    ...[...read('Dockerfile').matchAll(/API_PORT \|\| \d+\}(\/\w+)/g)].map(([, path = '']) => path),
  ];

  test('is asked where it is answered: life decides on restarts, readiness on routing', () => {
    expect(asked).toEqual(['/healthz', '/healthz', '/readyz', '/readyz', '/healthz']);
    expect(asked.filter((path) => !served.includes(`'${path}'`))).toEqual([]);
  });

  test('is asked by TLS where the API speaks it: the image finds out, the probes have the line', () => {
    expect(read('Dockerfile')).toContain("process.env.API_TLS_CERT_FILE ? 'https' : 'http'");
    const probes = read('deploy/kubernetes/breakglass.yaml').replaceAll('# scheme', 'scheme');
    const asked = parseAllDocuments(probes).flatMap(
      (document) => JSON.stringify(document).match(/"scheme":"HTTPS"/g) ?? [],
    );
    expect(asked.length).toBe(3);
  });

  test('of the image needs no shell in compose.yaml, and the migrations have none', () => {
    for (const name of bots) expect(service(name).healthcheck).toBeUndefined();
    expect(service('migrate').healthcheck).toEqual({ disable: true });
    expect(service('database').healthcheck?.test?.[0]).toBe('CMD');
  });
});

describe('images', () => {
  const images = [...Object.values(compose.services), ...containers].map(({ image }) => image);

  test('have a tag each, and none is the latest', () => {
    expect(images.length).toBeGreaterThan(5);
    expect(images.filter((image) => !/:[\w.-]*\d[\w.-]*$/.test(image) || image.endsWith(':latest'))).toEqual([]);
  });

  test('of ours are of this version', () => {
    const own = images.filter((image) => image.includes('breakglass'));
    expect(own.length).toBe(bots.length + 1 + containers.length);
    expect(own.filter((image) => image !== ours && image !== `registry.example.com/${ours}`)).toEqual([]);
    expect(read('Dockerfile')).toContain(`docker build -t ${ours} .`);
  });

  test('are started with what the build makes', () => {
    const words = [service('migrate').command ?? [], ...containers.map(({ args }) => args ?? [])].flat();
    expect(words.filter((word) => word.startsWith('dist/'))).toEqual(['dist/cli.js', 'dist/cli.js']);
    const starts =
      [...words, unitHas('ExecStart').join(' '), read('Dockerfile')].join(' ').match(/dist\/\w+\.js/g) ?? [];
    const made = starts.map((name) => name.replace('dist/', 'src/').replace('.js', '.ts'));
    expect(made.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('the owner of the tables', () => {
  test('is known to the migrations alone', () => {
    for (const name of bots) expect(service(name).environment?.MIGRATE_DATABASE_URL).toBe('');
    expect(bots.map((name) => service(name).env_file)).toEqual(bots.map(() => '.env'));
    expect(service('migrate').env_file).toBe('.env.migrate');
    const secrets = pods.map(({ spec }) =>
      spec.template.spec.containers[0]?.envFrom?.map(({ secretRef }) => secretRef.name),
    );
    expect(secrets).toEqual([['breakglass-migrate'], ['breakglass']]);
  });

  test('is done before a bot starts', () => {
    for (const name of bots)
      expect(service(name).depends_on).toEqual({ migrate: { condition: 'service_completed_successfully' } });
    expect(service('migrate').depends_on).toEqual({ database: { condition: 'service_healthy' } });
  });
});

test('no file has a password, and those that hold one are kept out of version control and of the image', () => {
  for (const file of deployed)
    expect(read(file), file).not.toMatch(/password\s*[:=]\s*"?\w|password '\w|xox[bp]-|postgres(ql)?:\/\//i);
  for (const { file } of Object.values(compose.secrets)) expect(file).toMatch(/^\.\/secrets\//);
  for (const ignore of ['.gitignore', '.dockerignore']) expect(read(ignore).split('\n')).toContain('secrets');
  expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['.env', '.env.*', '!.env.example']));
});

test('the roles that are made with the database are those that the migrations would make, and its owner', () => {
  const rolesIn = (text: string) => [...text.matchAll(/create role (\w+) (?:no)?login ?(\w*)/g)];
  const made = rolesIn(read('deploy/postgres/roles.sh'));
  const migrated = rolesIn(filesUnder('prisma/migrations', '.sql').map(read).join('\n'));
  expect(migrated.length).toBe(4);
  expect(made.map(([, name]) => name).sort()).toEqual(['breakglass_owner', ...migrated.map(([, name]) => name)].sort());
  for (const [, name, inherits] of made)
    expect(inherits, name).toBe(name === 'breakglass_owner' ? 'password' : 'noinherit');
});

test('what compose.yaml mounts from the repository is there', () => {
  const mounts = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes);
  const files = mounts.map((each) => each.split(':')[0] ?? '').filter((from) => from.startsWith('./'));
  const own = new Set(['./breakglass.yml']);
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter((file) => !own.has(file) && !existsSync(file))).toEqual([]);
});

test('docs/deployment.md leads to each of these files', () => {
  for (const file of deployed) expect(read('docs/deployment.md')).toContain(`(../${file})`);
});

test('what these files say of the documentation is there', () => {
  const said = deployed.flatMap((file) => [...read(file).matchAll(/(docs\/[a-z-]+\.md), "([^"]+)"/g)]);
  expect(said.length).toBeGreaterThan(4);
  for (const [whole, page = '', heading = ''] of said) expect(read(page).split('\n'), whole).toContain(`## ${heading}`);
});

import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../src/config/mistakes.ts';
import { readEnvironment, readOfflineEnvironment } from '../../src/config.ts';
import { newSigner } from '../../src/evidence/note.ts';

/** Enough to start with. */
const enough = {
  DATABASE_URL: 'postgresql://app:pw@db.example/breakglass',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_SIGNING_SECRET: 'shh',
};
/** Stands in every wrong value, and must stand in no line. */
const SECRET = 's3cr3t';

function mistakesIn(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
}

const address = 'expected a PostgreSQL address such as postgresql://user@host/database';
const wrong: readonly { variable: string; expected: string; values: readonly string[] }[] = [
  ...['DATABASE_URL', 'MIGRATE_DATABASE_URL'].map((variable) => ({
    variable,
    expected: address,
    values: [
      `mysql://u:${SECRET}@host/db`,
      SECRET,
      ` postgresql://u:${SECRET}@host/db`,
      `postgresql://u:${SECRET}/slash@host/db`, // not percent-encoded: pg would fail on it without naming the variable
      `postgresql://u:${SECRET}@host:port/db`,
    ],
  })),
  {
    variable: 'SLACK_BOT_TOKEN',
    expected: 'expected a bot token, which starts with xoxb-',
    values: [SECRET, `xapp-${SECRET}`],
  },
  {
    variable: 'SLACK_APP_TOKEN',
    expected: 'expected an app-level token, which starts with xapp-',
    values: [SECRET, `xoxb-${SECRET}`],
  },
  {
    variable: 'SLACK_API_URL',
    expected: 'expected a web address',
    values: [SECRET, `javascript:${SECRET}`, `ftp://${SECRET}`],
  },
  ...['SLACK_PORT', 'API_PORT'].map((variable) => ({
    variable,
    expected: 'expected a port number',
    values: [SECRET, '65536', '-1', '80.5', '1e3', '0x50', ' ', '123456789012345678901'],
  })),
  {
    variable: 'AUDIT_SIGNING_KEY',
    expected: 'expected a key as "breakglass seal new-key" makes it',
    values: [SECRET, `PRIVATE+KEY+${SECRET}+00000000+AAAA`, newSigner(SECRET).verifier],
  },
  {
    variable: 'AUDIT_PREVIOUS_KEYS',
    expected: 'expected public keys with commas between, name+id+key',
    values: [SECRET, `${newSigner('a').verifier},${SECRET}`, newSigner(SECRET).secret],
  },
  {
    variable: 'API_URL',
    expected: 'expected an https address without a path such as https://breakglass.example.com',
    values: [
      ...[SECRET, `http://${SECRET}.example.com`, `https://example.com/${SECRET}`, `https://example.com?${SECRET}`],
      ...[`https://u:${SECRET}@example.com`, `https://example.com#${SECRET}`, `ftp://${SECRET}`],
    ],
  },
  {
    variable: 'OIDC_ISSUER',
    expected: "expected an identity provider's https address such as https://id.example.com",
    values: [
      ...[SECRET, `ftp://${SECRET}`, `http://${SECRET}.example.com`, `https://id.example.com?${SECRET}`],
      ...[`https://${SECRET}@id.example.com`, `https://id.example.com#${SECRET}`],
    ],
  },
  {
    variable: 'API_TRUSTED_PROXIES',
    expected: 'expected addresses or networks with commas between, such as 10.0.0.0/8',
    values: [SECRET, `10.0.0.0/33`, '10.0.0.0/8,', `10.0.0.0/8/8`, '2001:db8::/129', 'true'],
  },
  {
    variable: 'ADMIN_API_KEY',
    expected: 'expected 32 to 200 visible ASCII characters',
    values: [SECRET, `${SECRET} with blanks between, and long enough`, SECRET.repeat(40)],
  },
  {
    variable: 'LOG_LEVEL',
    expected: 'expected one of trace, debug, info, warn, error, fatal, silent',
    values: [SECRET, 'INFO', 'verbose'],
  },
];

describe('a wrong variable is named in one line that says what was expected and never what was found', () => {
  const rows = wrong.flatMap(({ values, ...rest }) => values.map((value) => ({ ...rest, value })));
  test.each(rows.map((row) => [`${row.variable}=${row.value}`, row] as const))(
    '%s',
    (_, { variable, expected, value }) => {
      const lines = mistakesIn(() => readEnvironment({ ...enough, [variable]: value }));
      expect(lines).toEqual([`${variable}: ${expected}`]);
      expect(lines.join()).not.toContain(SECRET);
    },
  );

  test('all of them at once', () => {
    const all = Object.fromEntries(wrong.map(({ variable, values: [value] }) => [variable, value]));
    const lines = mistakesIn(() => readEnvironment(all));
    expect(lines.toSorted()).toEqual(wrong.map(({ variable, expected }) => `${variable}: ${expected}`).sort());
    expect(lines.join()).not.toContain(SECRET);
  });

  test('on the command line too', () => {
    for (const { variable, expected, value } of rows)
      expect(mistakesIn(() => readOfflineEnvironment({ [variable]: value }))).toEqual([`${variable}: ${expected}`]);
  });
});

describe('addresses of PostgreSQL as pg takes them', () => {
  test.each([
    'postgres://u@h/d',
    'postgresql://u:p%2Fw@[::1]:5433/d?sslmode=require',
    'postgresql://u:p@/d?host=/var/run/postgresql',
    'postgresql:///d',
  ])('%s', (url) => {
    expect(readEnvironment({ ...enough, DATABASE_URL: url }).database).toEqual({ url, migrateUrl: null });
  });
});

test.each([
  ['https://breakglass.example.com', 'https://breakglass.example.com'],
  ['https://breakglass.example.com/', 'https://breakglass.example.com'],
  ['https://breakglass.example.com:8443', 'https://breakglass.example.com:8443'],
  ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
])('services find the API at %s', (given, url) => {
  expect(readEnvironment({ ...enough, API_URL: given }).apiUrl).toBe(url);
});

describe('what is not set', () => {
  test('has its documented value', () => {
    expect(readEnvironment(enough)).toEqual({
      production: false,
      configFile: 'breakglass.yml',
      apiPort: 8080,
      apiUrl: null,
      oidcIssuer: null,
      oidc: null,
      adminApiKey: null,
      trustedProxies: [],
      apiTls: null,
      sealing: null,
      dataDir: '.data',
      host: '0.0.0.0',
      logLevel: 'info',
      database: { url: enough.DATABASE_URL, migrateUrl: null },
      slack: { mode: 'http', botToken: 'xoxb-1', apiUrl: null, signingSecret: 'shh', port: 3000 },
    });
  });

  test('may be written as an empty string, as compose files and shells do', () => {
    const all = [
      ...['NODE_ENV', 'MIGRATE_DATABASE_URL', 'DATA_DIR', 'CONFIG_FILE', 'SLACK_APP_TOKEN', 'SLACK_API_URL'],
      ...['SLACK_PORT', 'API_PORT', 'HOST', 'LOG_LEVEL'],
    ];
    const empty = Object.fromEntries(all.map((variable) => [variable, '']));
    expect(readEnvironment({ ...enough, ...empty })).toEqual(readEnvironment(enough));
    expect(mistakesIn(() => readEnvironment({ ...enough, SLACK_BOT_TOKEN: '' }))).toHaveLength(2);
  });

  test('and what nobody asked for is left alone', () => {
    expect(readEnvironment({ ...enough, HOME: '/root', SLACK_TOKEN: 'x' })).toEqual(readEnvironment(enough));
  });
});

describe('a variable that means nothing without another one', () => {
  test.each([
    [{ OIDC_AUDIENCE: 'x' }, ['OIDC_ISSUER: is needed where OIDC_AUDIENCE is set.']],
    [
      { OIDC_CLIENT_ID: 'x' },
      ['OIDC_ISSUER: is needed where OIDC_CLIENT_ID is set.', 'API_URL: is needed where OIDC_CLIENT_ID is set.'],
    ],
    [{ OIDC_CLIENT_SECRET: SECRET }, ['OIDC_CLIENT_ID: is needed where OIDC_CLIENT_SECRET is set.']],
    [{ API_TLS_CERT_FILE: 'c' }, ['API_TLS_KEY_FILE: is needed where API_TLS_CERT_FILE is set.']],
    [{ API_TLS_KEY_FILE: 'k' }, ['API_TLS_CERT_FILE: is needed where API_TLS_KEY_FILE is set.']],
    [{ API_TLS_CLIENT_CA_FILE: 'c' }, ['API_TLS_CERT_FILE: is needed where API_TLS_CLIENT_CA_FILE is set.']],
  ])('%j asks for it', (variables, lines) => {
    expect(mistakesIn(() => readEnvironment({ ...enough, ...variables }))).toEqual(lines);
  });

  test('is there with it', () => {
    const read = readEnvironment({
      ...{ ...enough, OIDC_ISSUER: 'https://id.example.com', OIDC_AUDIENCE: 'api', API_URL: 'https://b.example.com' },
      ...{ OIDC_CLIENT_ID: 'pages', OIDC_CLIENT_SECRET: 's', API_TLS_CERT_FILE: 'c', API_TLS_KEY_FILE: 'k' },
      ...{ API_TRUSTED_PROXIES: '10.0.0.0/8, 2001:db8::1' },
    });
    expect(read).toMatchObject({
      oidc: { issuer: 'https://id.example.com', audience: 'api', client: { id: 'pages', secret: 's' } },
      apiTls: { certFile: 'c', keyFile: 'k', clientCaFile: null },
      trustedProxies: ['10.0.0.0/8', '2001:db8::1'],
    });
  });
});

describe('the database', () => {
  test('without an address is an embedded one, in a folder of its own or another', () => {
    expect(readEnvironment({ ...enough, DATABASE_URL: '' }).database).toEqual({ embeddedIn: '.data' });
    const other = readEnvironment({ ...enough, DATABASE_URL: '', DATA_DIR: '/var/lib/breakglass' });
    expect(other.database).toEqual({ embeddedIn: '/var/lib/breakglass' });
  });

  const missing =
    'DATABASE_URL: expected a PostgreSQL address; with NODE_ENV=production there is no embedded database.';
  test.each(['', undefined])('of production is never the embedded one (DATABASE_URL=%j)', (url) => {
    const variables = { ...enough, NODE_ENV: 'production', DATABASE_URL: url };
    expect(mistakesIn(() => readEnvironment(variables))).toEqual([missing]);
    expect(mistakesIn(() => readOfflineEnvironment(variables).database())).toEqual([missing]);
    expect(readEnvironment({ ...variables, DATABASE_URL: enough.DATABASE_URL }).production).toBe(true);
  });

  test('missing in production does not hide that Slack is missing too', () => {
    const lines = mistakesIn(() => readEnvironment({ NODE_ENV: 'production' }));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(missing);
  });

  test('has an owner beside the bot, where one is given', () => {
    const migrateUrl = 'postgresql://owner@db.example/breakglass';
    const variables = { ...enough, MIGRATE_DATABASE_URL: migrateUrl };
    expect(readEnvironment(variables).database).toEqual({ url: enough.DATABASE_URL, migrateUrl });
    expect(readOfflineEnvironment({ MIGRATE_DATABASE_URL: migrateUrl }).migrateUrl).toBe(migrateUrl);
  });
});

describe('Slack is reached', () => {
  const { SLACK_SIGNING_SECRET: _, ...withoutSecret } = enough;

  test('over HTTP with a signing secret', () => {
    const { slack } = readEnvironment({ ...enough, SLACK_PORT: '0', SLACK_API_URL: 'http://127.0.0.1:9/api/' });
    expect(slack).toEqual({
      mode: 'http',
      botToken: 'xoxb-1',
      signingSecret: 'shh',
      port: 0,
      apiUrl: 'http://127.0.0.1:9/api/',
    });
  });

  test('over a socket with an app-level token and no signing secret', () => {
    const { slack } = readEnvironment({ ...withoutSecret, SLACK_APP_TOKEN: 'xapp-1' });
    expect(slack).toEqual({ mode: 'socket', botToken: 'xoxb-1', appToken: 'xapp-1', apiUrl: null });
  });

  test('over HTTP where both are given', () => {
    expect(readEnvironment({ ...enough, SLACK_APP_TOKEN: 'xapp-1' }).slack.mode).toBe('http');
  });
});

describe('without what Slack needs, two lines say what to set and how to try it without', () => {
  const sandbox = 'To try Breakglass without any, run: npm run sandbox';
  const both =
    'Slack credentials are missing: set SLACK_BOT_TOKEN and SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).';
  const second = 'Slack credentials are missing: set SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).';
  test.each([
    { given: {}, said: both },
    { given: { SLACK_SIGNING_SECRET: 'shh' }, said: both },
    { given: { SLACK_APP_TOKEN: 'xapp-1' }, said: both },
    { given: { SLACK_BOT_TOKEN: 'xoxb-1' }, said: second },
  ])('given $given', ({ given, said }) => {
    expect(mistakesIn(() => readEnvironment(given))).toEqual([said, sandbox]);
  });

  test('but the command line works without', () => {
    expect(readOfflineEnvironment({}).slack).toBeNull();
    expect(readOfflineEnvironment({ SLACK_BOT_TOKEN: 'xoxb-1' }).slack).toEqual({ botToken: 'xoxb-1', apiUrl: null });
  });
});

describe('what history is sealed with', () => {
  const [now, before] = [newSigner('breakglass.example.com'), newSigner('breakglass.example.com')];

  test('is trusted itself, and the keys that it replaced', () => {
    const given = { AUDIT_SIGNING_KEY: now.secret, AUDIT_PREVIOUS_KEYS: ` ${before.verifier} ` };
    const { sealing } = readEnvironment({ ...enough, ...given });
    expect(sealing?.signer.verifier.text).toBe(now.verifier);
    expect(sealing?.trusted.map(({ text }) => text)).toEqual([now.verifier, before.verifier]);
  });

  test('is nothing where nobody gave a key', () => {
    expect(readEnvironment(enough).sealing).toBeNull();
    expect(readEnvironment({ ...enough, AUDIT_SIGNING_KEY: '' }).sealing).toBeNull();
  });
});

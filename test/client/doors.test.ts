import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGuard, evaluationOf, type Rule } from '../../src/client/index.ts';
import {
  type Open,
  type Seen,
  type Service,
  throughExpress,
  throughFastify,
  throughFetch,
  throughHono,
} from './services.ts';
import { allowing, denying, json, type StubServer, stubServer } from './stub-server.ts';

const key = 'bg_secret';

let server: StubServer;
beforeAll(async () => {
  server = await stubServer();
});
afterAll(() => server.close());

describe.each<[string, Open]>([
  ['Express', throughExpress],
  ['Fastify', throughFastify],
  ['Hono', throughHono],
  ['a fetch handler', throughFetch],
])('%s', (_, open) => {
  let reached: number;
  let service: Service | undefined;

  beforeEach(() => {
    reached = 0;
    server.answer(allowing);
  });
  afterEach(async () => {
    server.received.splice(0);
    await service?.stop();
  });

  const asking = async (rule: Partial<Rule<Seen>> = {}): Promise<Response> => {
    const whole: Rule<Seen> = { action: 'content.read', tenant: ({ tenant }) => tenant, subject: 'slack:T:U', ...rule };
    service = await open(createGuard({ url: server.url, key }), whole, () => {
      reached += 1;
    });
    return service.get();
  };

  test('lets in whom a live grant lets in, and tells the handler which answer did', async () => {
    const response = await asking();
    expect([response.status, await response.text(), reached]).toEqual([200, 'e-1', 1]);
  });

  test('asks what the rule says of this request, awaiting what takes its time', async () => {
    await asking({
      action: async () => 'content.write',
      subject: async () => 'oidc:https://id.example.com#1',
      resource: ({ id }) => ({ type: 'document', id }),
      requestId: () => 'r-7',
    });
    expect(server.received.map(({ body }) => body)).toEqual([
      {
        subject: { type: 'user', id: 'oidc:https://id.example.com#1' },
        action: { name: 'content.write' },
        resource: { type: 'document', id: '42', properties: { tenant: 'acme' } },
        context: { request_id: 'r-7' },
      },
    ]);
  });

  test('refuses whom no grant lets in: 403 with the reason, and no cache keeps it', async () => {
    server.answer(denying('expired'));
    const response = await asking();
    expect([response.status, reached]).toEqual([403, 0]);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: 'No live grant allows this.',
      reason: 'expired',
      evaluation_id: 'e-2',
    });
  });

  test('says which scopes are missing', async () => {
    const context = { reason: 'missing_scopes', missing_scopes: ['workspace_recovery'] };
    server.answer(json({ decision: false, context }));
    expect(await (await asking()).json()).toMatchObject(context);
  });

  test.each([
    ['7', '7'],
    [undefined, '1'],
  ])('refuses everybody while nobody can say: 503, to be tried again later (%s)', async (given, told) => {
    server.answer(json('busy', 503, given ? { 'retry-after': given } : {}));
    const response = await asking();
    expect([response.status, reached]).toEqual([503, 0]);
    expect(response.headers.get('retry-after')).toBe(told);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json(; charset=utf-8)?$/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ status: 503, title: 'Service Unavailable' });
  });

  test.each([undefined, null, ''])(
    'lets nobody in where there is no subject or no tenant (%j), and does not ask',
    async (none) => {
      for (const rule of [{ subject: none }, { subject: () => none }, { tenant: none }, { tenant: async () => none }]) {
        const response = await asking(rule);
        expect([response.status, reached]).toEqual([403, 0]);
        expect(await response.json()).toMatchObject({ reason: 'subject' in rule ? 'no_subject' : 'no_tenant' });
        await service?.stop();
      }
      service = undefined;
      expect(server.received).toEqual([]);
    },
  );

  test.each([new Error('broken'), undefined, null, '', 0, 'route', 'router'])(
    'lets nobody in where the rule fails: 500 of its own, also for what is no error (%s)',
    async (thrown) => {
      const failing = () => {
        throw thrown;
      };
      for (const subject of [failing, async () => failing()]) {
        const response = await asking({ subject });
        expect([response.status, reached]).toEqual([500, 0]);
        await service?.stop();
      }
      service = undefined;
      expect(server.received).toEqual([]);
    },
  );

  test('says nothing of the server or the key, whatever goes wrong', async () => {
    for (const answering of [denying('no_grant'), json('who are you', 401), json({ url: server.url, key }, 500)]) {
      server.answer(answering);
      const response = await asking();
      const told = JSON.stringify([...response.headers]) + (await response.text());
      expect(told).not.toContain(key);
      expect(told).not.toContain(new URL(server.url).host);
      await service?.stop();
    }
    service = undefined;
  });
});

describe('Express', () => {
  test('hears once, and as its own, what the handler throws', async () => {
    server.answer(allowing);
    const heard: unknown[] = [];
    const rule = { action: 'content.read', tenant: 'acme', subject: 'slack:T:U' };
    const door = createGuard({ url: server.url, key }).requireGrant(rule).express;
    const response = { statusCode: 0, setHeader: () => {}, end: () => {} };
    const next = (error?: unknown) => {
      heard.push(error);
      throw new Error('of the handler');
    };
    await expect(door({}, response, next)).rejects.toThrow('of the handler');
    expect(heard).toEqual([undefined]);
  });

  test('is told of a refusal that comes too late to be sent', async () => {
    server.answer(denying('no_grant'));
    const heard: unknown[] = [];
    const rule = { action: 'content.read', tenant: 'acme', subject: 'slack:T:U' };
    const sent = () => {
      throw new Error('headers sent');
    };
    const response = { statusCode: 0, setHeader: sent, end: () => {} };
    await createGuard({ url: server.url, key })
      .requireGrant(rule)
      .express({}, response, (error) => heard.push(error));
    expect(heard).toEqual([new Error('headers sent')]);
  });
});

test('nobody was let in where no guard stood', () => {
  expect(evaluationOf({})).toBeNull();
});

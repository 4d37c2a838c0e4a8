import { keyRoles } from '../../domain/words.ts';
import { command, listed, whole } from '../command.ts';
import { exits, NotDone, WrongUse } from '../exits.ts';
import { remark, say, sayJson, table } from '../terminal.ts';
import { when } from '../when.ts';
import { textIn, thingIn, thingsIn } from './client.ts';
import { calledAndShown, inPath } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const name = { name: 'NAME', says: 'the name of the key', needed: true } as const;
const bound = (value: unknown): string => (Array.isArray(value) ? value.map(textIn).join(',') || 'none' : 'all');

const list = command({
  ...{ name: 'keys list', with: 'api', says: 'every key, without what opens doors', options: apiOptions },
  run: ({ options }) =>
    calledAndShown(options, ['GET', '/v1/keys'], (answer, at) => {
      const rows = thingsIn(answer.data).map((key) => [
        ...[textIn(key.name), textIn(key.role), textIn(key.state), when(key.expires_at, at)],
        ...[bound(key.tenants), key.role === 'service' ? bound(key.subjects) : ''],
        ...[key.role === 'service' ? bound(key.actions) : '', textIn(key.per_second)],
      ]);
      const titles = ['NAME', 'ROLE', 'STATE', 'EXPIRES', 'TENANTS', 'SUBJECTS', 'ACTIONS', 'A SECOND'];
      return rows.length === 0 ? 'There is no key.' : table(titles, rows);
    }),
});

const create = command({
  name: 'keys create',
  with: 'api',
  says: 'make a key; shown once, alone on stdout',
  words: [name],
  options: {
    role: { takes: 'ROLE', says: 'what it is for', oneOf: keyRoles, needed: true },
    tenants: { takes: 'T,...', says: 'keys of tenants with commas between; of every one: all', needed: true },
    subjects: { takes: 'P,...', says: 'for a service: whom it may ask about, such as slack:T0HOME:U0OLIVIA; or all' },
    actions: { takes: 'A,...', says: 'for a service: what about, such as content.read; or all' },
    'default-tenant': { takes: 'TENANT', says: 'for a service: the tenant of questions that name none' },
    days: { takes: 'DAYS', says: 'how long it counts; 90 unless said, 366 at most' },
    'per-second': { takes: 'NUMBER', says: 'answers a second; 1000 unless said' },
    ...apiOptions,
  },
  run: async ({ words: [of], options }) => {
    const { role, tenants, subjects, actions, days, 'default-tenant': usual, 'per-second': rate } = options;
    if (role === 'service' && (subjects === undefined || actions === undefined)) {
      throw new WrongUse('keys create --role service needs --subjects and --actions: nothing is all by default.');
    }
    const body = {
      ...{ name: of, role, tenants: listed(tenants) },
      ...(subjects !== undefined && { subjects: listed(subjects) }),
      ...(actions !== undefined && { actions: listed(actions) }),
      ...(usual !== undefined && { default_tenant: usual }),
      ...(days !== undefined && { days: whole(days, '--days', 366) }),
      ...(rate !== undefined && { per_second: whole(rate, '--per-second') }),
    };
    const { document, at } = await (await signedIn(options)).call('POST', '/v1/keys', body);
    const made = thingIn(document);
    if (made.key === null) {
      throw new NotDone(
        exits.refused,
        `The key ${textIn(made.name)} was made, but the answer that showed it was lost. Revoke it and make another.`,
        document,
      );
    }
    if (options.json) sayJson(document);
    else {
      remark(`The key ${textIn(made.name)} counts until ${when(made.expires_at, at)}. It is shown this once:`);
      say(textIn(made.key));
    }
    return exits.done;
  },
});

const revoke = command({
  ...{ name: 'keys revoke', with: 'api', says: 'end a key, at once', words: [name], options: apiOptions },
  run: ({ words: [of], options }) =>
    calledAndShown(
      options,
      ['POST', `/v1/keys/${inPath(of)}/revoke`],
      (answer) => `The key ${textIn(answer.name)} does not count any more.`,
    ),
});

export const keyCommands = [list, create, revoke];

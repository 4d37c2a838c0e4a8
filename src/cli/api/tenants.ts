import { command, type Options } from '../command.ts';
import { exits, WrongUse } from '../exits.ts';
import { facts, say, sayJson, table } from '../terminal.ts';
import { when } from '../when.ts';
import { type Thing, textIn, thingIn, thingsIn } from './client.ts';
import { calledAndShown, inPath } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const key = { name: 'TENANT', says: 'the key of the tenant', needed: true } as const;
const fields = {
  name: { takes: 'NAME', says: 'how people call it' },
  channel: { takes: 'CHANNEL', says: "the owners' channel, such as C0ACME; none for no channel" },
  shared: { takes: 'YES', says: 'whether another company may read that channel', oneOf: ['yes', 'no'] },
  owner: { takes: 'ACCOUNT', says: 'an owner, such as U0BOSS or T0ACME:U0BOSS; ACCOUNT:guest for a guest', many: true },
  'no-owners': { takes: null, says: 'nobody owns it' },
} as const satisfies Options;

interface Given {
  name: string | undefined;
  channel: string | undefined;
  shared: string | undefined;
  owner: readonly string[] | undefined;
  'no-owners': boolean;
}

/** What was said of a tenant, as the API takes it. @throws WrongUse */
function bodyOf({ name, channel, shared, owner, 'no-owners': noOwners }: Given): Record<string, unknown> {
  if (noOwners && owner) throw new WrongUse('--owner or --no-owners, not both.');
  const owners = noOwners ? [] : owner?.map(ownerOf);
  return {
    ...(name !== undefined && { name }),
    ...(channel !== undefined && { channel: channel === 'none' ? null : channel }),
    ...(shared !== undefined && { shared: shared === 'yes' }),
    ...(owners !== undefined && { owners }),
  };
}

const ownerOf = (text: string) =>
  text.endsWith(':guest') ? { account: text.slice(0, -':guest'.length), guest: true } : { account: text };

const ownersOf = (tenant: Thing): string =>
  thingsIn(tenant.owners)
    .map(({ account, guest }) => `${textIn(account)}${guest === true ? ' (guest)' : ''}`)
    .join(', ');

const tenantFacts = (tenant: Thing, at: Date | null): string =>
  facts([
    ['key', textIn(tenant.key)],
    ['name', textIn(tenant.name)],
    ['channel', `${textIn(tenant.channel) || 'none'}${tenant.shared === true ? ', shared with another company' : ''}`],
    ['owners', ownersOf(tenant) || 'nobody: ops and security decide instead'],
    ['from', tenant.source === 'file' ? 'breakglass.yml: it is changed there' : 'the API'],
    ['created', when(tenant.created_at, at)],
    [
      'archived',
      tenant.archived_at === null ? null : `${when(tenant.archived_at, at)}: ${textIn(tenant.archive_reason)}`,
    ],
  ]);

const list = command({
  name: 'tenants list',
  with: 'api',
  says: 'tenants by key',
  options: {
    archived: { takes: null, says: 'those in the archive too' },
    limit: { takes: 'ROWS', says: 'rows of a page, 1 to 200' },
    cursor: { takes: 'CURSOR', says: 'where to go on: the next of the page before' },
    ...apiOptions,
  },
  run: async ({ options }) => {
    const { archived, limit = '200', cursor } = options;
    const query = new URLSearchParams({ limit, ...(archived && { archived: 'true' }), ...(cursor && { cursor }) });
    const { document } = await (await signedIn(options)).call('GET', `/v1/tenants?${query}`);
    if (options.json) sayJson(document);
    else {
      const page = thingIn(document);
      const rows = thingsIn(page.data).map((tenant) => [
        textIn(tenant.key),
        textIn(tenant.name),
        textIn(tenant.channel),
        ownersOf(tenant),
        textIn(tenant.source),
        tenant.archived_at === null ? '' : 'archived',
      ]);
      say(rows.length === 0 ? 'There is none.' : table(['KEY', 'NAME', 'CHANNEL', 'OWNERS', 'FROM', ''], rows));
      if (textIn(page.next) !== '') say(`There is more: --cursor ${textIn(page.next)}`);
    }
    return exits.done;
  },
});

const show = command({
  ...{ name: 'tenants show', with: 'api', says: 'one tenant', words: [key], options: apiOptions },
  run: ({ words: [of], options }) => calledAndShown(options, ['GET', `/v1/tenants/${inPath(of)}`], tenantFacts),
});

const create = command({
  ...{ name: 'tenants create', with: 'api', says: 'make a tenant that the file does not name', words: [key] },
  options: { ...fields, name: { ...fields.name, needed: true }, ...apiOptions },
  run: ({ words: [of], options }) =>
    calledAndShown(options, ['POST', '/v1/tenants', { key: of, ...bodyOf(options) }], tenantFacts),
});

const change = command({
  ...{ name: 'tenants change', with: 'api', says: 'change what is named; the rest stays', words: [key] },
  options: { ...fields, ...apiOptions },
  run: ({ words: [of], options }) => {
    const body = bodyOf(options);
    if (Object.keys(body).length === 0) throw new WrongUse('tenants change needs something to change.');
    return calledAndShown(options, ['PATCH', `/v1/tenants/${inPath(of)}`, body], tenantFacts);
  },
});

const archive = command({
  ...{ name: 'tenants archive', with: 'api', says: 'put a tenant away and close what is open on it', words: [key] },
  options: { reason: { takes: 'TEXT', says: 'why, for the record', needed: true }, ...apiOptions },
  run: ({ words: [of], options }) =>
    calledAndShown(
      options,
      ['POST', `/v1/tenants/${inPath(of)}/archive`, { reason: options.reason }],
      (answer, at) => `${tenantFacts(thingIn(answer.tenant), at)}\nClosed with it: ${textIn(answer.closed)}.`,
    ),
});

const restore = command({
  ...{
    name: 'tenants restore',
    with: 'api',
    says: 'take a tenant out of the archive',
    words: [key],
    options: apiOptions,
  },
  run: ({ words: [of], options }) =>
    calledAndShown(options, ['POST', `/v1/tenants/${inPath(of)}/restore`], tenantFacts),
});

export const tenantCommands = [list, show, create, change, archive, restore];

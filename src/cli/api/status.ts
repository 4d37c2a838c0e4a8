import { setTimeout as pass } from 'node:timers/promises';
import { kinds } from '../../domain/words.ts';
import { command } from '../command.ts';
import { endings, exits, WrongUse } from '../exits.ts';
import { say, sayJson } from '../terminal.ts';
import { when } from '../when.ts';
import { textIn, thingIn, thingsIn } from './client.ts';
import { changes, follow } from './follow.ts';
import { grantTable, grantWord, idFor } from './grants.ts';
import { inPath, shownGrant } from './shown.ts';
import { apiOptions, signedIn } from './signed-in.ts';

const states = ['open', 'requested', 'active', 'ended', 'revoked', 'expired', 'denied', 'withdrawn', 'lapsed'] as const;

export const status = command({
  name: 'status',
  with: 'api',
  says: 'one request or access; or what there is, the newest first',
  words: [{ ...grantWord, needed: false }],
  options: {
    tenant: { takes: 'TENANT', says: 'of this tenant' },
    state: { takes: 'STATE', says: 'in this state; open unless said', oneOf: states },
    kind: { takes: 'KIND', says: 'of this kind', oneOf: kinds },
    limit: { takes: 'ROWS', says: 'rows of a page, 1 to 200' },
    cursor: { takes: 'CURSOR', says: 'where to go on: the next of the page before (--json)' },
    ...apiOptions,
  },
  run: async ({ words: [typed], options }) => {
    const { tenant, state, kind, limit, cursor } = options;
    const wish = Object.entries({ tenant, state, kind, limit, cursor }).filter(([, value]) => value !== undefined);
    if (typed !== undefined && wish.length > 0) throw new WrongUse('status takes an ID, or what to list.');
    const api = await signedIn(options);
    if (typed !== undefined) {
      return shownGrant(options, await api.call('GET', `/v1/grants/${await idFor(api, typed)}`));
    }
    const query = new URLSearchParams({ state: 'open', ...(Object.fromEntries(wish) as Record<string, string>) });
    const { document, at } = await api.call('GET', `/v1/grants?${query}`);
    if (options.json) sayJson(document);
    else {
      const page = thingIn(document);
      say(grantTable(thingsIn(page.data), at));
      if (textIn(page.next) !== '') say(`There is more: --limit 200, or --cursor ${textIn(page.next)}`);
    }
    return exits.done;
  },
});

/** Between two looks at everything (ms). */
const LOOK_EVERY_MS = 3_000;

export const watch = command({
  name: 'watch',
  with: 'api',
  says: 'a line for each change: of one until it is over, or of everything open',
  words: [{ ...grantWord, needed: false }],
  options: apiOptions,
  notes: [
    'Exit codes, of one: 0 ended or expired, 10 denied, 11 withdrawn, 12 lapsed, 13 revoked.',
    'With --json, one document at the end. Without an ID it goes on until it is stopped.',
  ],
  run: async ({ words: [typed], options }) => {
    const api = await signedIn(options);
    if (typed === undefined) return watchAll(options);
    const id = await idFor(api, typed);
    const first = await api.call('GET', `/v1/grants/${id}`);
    const tell = (line: string): void => {
      if (!options.json) say(line);
    };
    const grant = thingIn(first.document);
    tell(`${when(first.at?.toISOString(), null)}  ${textIn(grant.state)}`);
    const last = await follow(api, id, first, { until: (state) => state in endings, told: tell });
    if (options.json) sayJson(last.document);
    return endings[textIn(thingIn(last.document).state)] ?? exits.done;
  },
});

async function watchAll(options: Parameters<typeof signedIn>[0] & { json: boolean }): Promise<number> {
  if (options.json) throw new WrongUse('watch --json needs an ID.');
  const api = await signedIn(options);
  let known = new Map<string, ReturnType<typeof thingIn>>();
  for (let first = true; ; first = false) {
    const { document, at } = await api.call('GET', '/v1/grants?state=open&limit=200');
    const rows = thingsIn(thingIn(document).data);
    const open = new Map(rows.map((row) => [textIn(row.id), row]));
    if (first) say(grantTable(rows, at));
    for (const [id, before] of known) {
      // Who left the list is closed, and says why by itself.
      if (!open.has(id)) open.set(id, thingIn((await api.call('GET', `/v1/grants/${inPath(id)}`)).document));
      for (const line of changes(before, open.get(id) ?? {})) say(lineOf(at, id, line));
    }
    for (const [id, row] of open) {
      if (!first && !known.has(id))
        say(lineOf(at, id, `${textIn(row.state)}: ${textIn(row.scope)} for ${textIn(row.requester)}`));
    }
    known = new Map([...open].filter(([, row]) => !(textIn(row.state) in endings)));
    await pass(LOOK_EVERY_MS);
  }
}

const lineOf = (at: Date | null, id: string, line: string): string =>
  `${when(at?.toISOString(), null)}  ${id.slice(0, 8)}  ${line}`;

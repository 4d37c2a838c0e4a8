import { makeKey } from '../src/cli/keys.ts';
import { accountOf, type Player } from './cast.ts';

/** May this person do this on this tenant now? */
export interface Question {
  who: Player;
  action: string;
  /** Its key. */
  tenant: string;
}

export interface Answer {
  decision: boolean;
  reason: string;
  /** When the first of the grants that allow it ends. */
  until: Date | null;
  /** The scopes that are not there beside those that are. */
  missing: readonly string[];
}

/** A service that asks before it touches a tenant's content. */
export interface Service {
  /** The first of the bots it can ask. */
  url: string;
  key: string;
  ask(question: Question): Promise<Answer>;
  /** The same question as a line for a shell. */
  byHand(question: Question): string;
}

/** What the audit calls the service, behind `key:`. */
export const SERVICE = 'service';

/** How long an answer may take on a busy machine (ms). */
const PATIENCE_MS = 15_000;

/** Whoever plays here may move the clock by months, and the key counts by that clock. */
const aYear = { days: 366, perSecond: 1_000 };
const everything = { role: 'service', tenants: null, subjects: null, actions: null, defaultTenant: null } as const;

/** @param bots the addresses of their APIs; each of them is as good as the others, so they are asked in turn */
export async function startService(databaseUrl: string, bots: readonly string[]): Promise<Service> {
  const made = await makeKey(databaseUrl, { name: SERVICE, ...everything, ...aYear });
  if (made.kind !== 'made') throw new Error(`The service got no key: ${made.kind}`);
  const { key } = made;
  const [first = ''] = bots;
  let turn = 0;
  return {
    url: first,
    key,
    ask: async (question) => {
      for (let tries = 0; tries < bots.length; tries += 1) {
        const bot = bots[turn++ % bots.length] ?? first;
        const answer = await ask(bot, key, question).catch(orNobodyThere);
        if (answer !== 'nobody there') return answer;
      }
      throw new Error('No bot is there to answer.');
    },
    byHand: (question) => asCurl(first, key, question),
  };
}

/** A bot that was killed answers nothing; whoever asks goes on to the next. */
function orNobodyThere(error: unknown): 'nobody there' {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED') return 'nobody there';
  throw error;
}

async function ask(bot: string, key: string, question: Question): Promise<Answer> {
  const reply = await fetch(endpointAt(bot), {
    method: 'POST',
    headers: headersWith(key),
    body: bodyOf(question),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!reply.ok) throw new Error(`The bot answered ${reply.status}: ${await reply.text()}`);
  const { decision, context } = (await reply.json()) as Decision;
  return {
    decision,
    reason: context.reason,
    until: context.expires_at === undefined ? null : new Date(context.expires_at),
    missing: context.missing_scopes ?? [],
  };
}

/** What is read of an answer (docs/checks.md, "A question"). */
interface Decision {
  decision: boolean;
  context: { reason: string; expires_at?: string; missing_scopes?: string[] };
}

function asCurl(bot: string, key: string, question: Question): string {
  const headers = Object.entries(headersWith(key)).map(([name, value]) => `-H '${name}: ${value}'`);
  return ['curl -s', endpointAt(bot), ...headers, `-d '${bodyOf(question)}'`].join(' ');
}

const endpointAt = (bot: string): string => `${bot}/access/v1/evaluation`;
const headersWith = (key: string) => ({ Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' });
const bodyOf = ({ who, action, tenant }: Question): string =>
  JSON.stringify({
    subject: { type: 'user', id: accountOf(who) },
    action: { name: action },
    resource: { type: 'tenant', id: tenant },
  });

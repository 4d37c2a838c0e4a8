import { createHash, randomBytes } from 'node:crypto';
import type { Bot } from '../../src/bot.ts';
import type { TestDatabase } from '../support/database.ts';
import { addressesOf } from '../support/stack.ts';

/** A key of a role, as a row: what a scrape shows to be let in. */
export async function aKey(db: TestDatabase, role: 'auditor' | 'service'): Promise<string> {
  const key = `bgk_${randomBytes(32).toString('base64url')}`;
  const none = role === 'auditor' ? [] : null;
  await db.query(
    'superuser',
    `insert into api_keys (name, role, secret_hash, tenants, subjects, actions, per_second, created_by, expires_at)
     values ($1, $2, $3, null, $4, $4, 1000, 'system:test', breakglass_now() + interval '300 days')`,
    [`${role}-${key.slice(4, 12)}`, role, createHash('sha256').update(key).digest(), none],
  );
  return key;
}

export const scrape = (bot: Bot, key: string | null, accept?: string): Promise<Response> =>
  fetch(`${addressesOf(bot).apiUrl}/metrics`, {
    headers: { ...(key && { authorization: `Bearer ${key}` }), ...(accept && { accept }) },
  });

export interface Series {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Prometheus's text, read strictly: what is no series and no comment is a mistake. */
export function seriesIn(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([a-z_]\w*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (name === '') throw new Error(`No series: ${line}`);
      const pairs = [...labels.matchAll(/(\w+)="((?:\\.|[^"\\])*)"/g)].map(([, label = '', word = '']) => [
        label,
        word,
      ]);
      return { name, labels: Object.fromEntries(pairs), value: Number(value.replace('Inf', 'Infinity')) };
    });
}

/** The sum of a metric's series that have these labels; null where there is none. */
export function sumOf(all: readonly Series[], name: string, labels: Record<string, string> = {}): number | null {
  const found = all.filter(
    (each) => each.name === name && Object.entries(labels).every(([label, word]) => each.labels[label] === word),
  );
  return found.length === 0 ? null : found.reduce((sum, { value }) => sum + value, 0);
}

/** What a bot says now, to an auditor. */
export async function figuresOf(
  bot: Bot,
  key: string,
): Promise<(name: string, labels?: Record<string, string>) => number | null> {
  const answer = await scrape(bot, key);
  if (answer.status !== 200) throw new Error(`Scraped: ${answer.status} ${await answer.text()}`);
  const all = seriesIn(await answer.text());
  return (name, labels) => sumOf(all, name, labels);
}

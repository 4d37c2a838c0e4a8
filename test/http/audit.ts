import type { KeyWish } from '../../src/usecases/api-keys.ts';
import type { TestApi } from '../support/api.ts';

export interface Entry {
  id: string;
  at: string;
  action: string;
  actor: string;
  tenant: string | null;
  entry: string;
}

export interface Page {
  data: Entry[];
  next: string | null;
}

/** A key that reads; of everything unless said otherwise. */
export const auditKey = (api: TestApi, wish: Partial<KeyWish>): Promise<string> =>
  api.key({ role: 'auditor', subjects: [], actions: [], ...wish });

/** All pages behind each other, up to one that brings nothing new but looks; and where to go on. */
export async function pagesOf(
  api: TestApi,
  key: string,
  query: string,
): Promise<{ rows: Entry[]; next: string | null }> {
  const rows: Entry[] = [];
  for (
    let next: string | null = null, at = query;
    ;
    at = `${query.replace(/[?&]cursor=[^&]*/, '') || '?'}&cursor=${next}`
  ) {
    const page = (await (await api.get(`/v1/audit${at.replace('?&', '?')}`, key)).json()) as Page;
    rows.push(...page.data);
    next = page.next;
    if (next === null || page.data.every(({ action }) => action === 'audit.viewed')) return { rows, next };
  }
}

export const entriesIn = (text: string): Entry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry);

/** RFC 9457. */
export async function problemIn(response: Response) {
  if (response.headers.get('content-type') !== 'application/problem+json') throw new Error('This is no problem.');
  const problem = (await response.json()) as Record<string, unknown>;
  if (problem.status !== response.status) throw new Error('Two statuses.');
  const { type, title, detail } = problem;
  if (type !== 'about:blank' || typeof title !== 'string') throw new Error('No title.');
  return { ...problem, status: response.status, detail: String(detail), title };
}

import pg from 'pg';

/** A statement as it goes to the server. */
export interface Statement {
  text: string;
  values: unknown[];
}

/** What some work says to PostgreSQL in this process, in order. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
  const heard: Statement[] = [];
  const original = pg.Client.prototype.query;
  pg.Client.prototype.query = new Proxy(original, {
    apply: (query, client, [said, values]) => {
      heard.push(
        typeof said === 'string'
          ? { text: said, values: values ?? [] }
          : { text: said.text, values: said.values ?? [] },
      );
      return Reflect.apply(query, client, [said, values]);
    },
  });
  try {
    await work();
  } finally {
    pg.Client.prototype.query = original;
  }
  return heard;
}

export interface Plan {
  indexes: string[];
  /** Pages looked at, in memory or on disk. */
  buffers: number;
}

interface Node {
  'Index Name'?: string;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Node[];
}

/** How the server carries a statement out in the role that looks across tenants, and what that costs. */
export async function explain(admin: pg.Client, { text, values }: Statement): Promise<Plan> {
  await admin.query('begin; set local role breakglass_across');
  const { rows } = await admin.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `explain (analyze, buffers, format json) ${text}`,
    values,
  );
  await admin.query('rollback');
  const root = rows[0]?.['QUERY PLAN'][0].Plan ?? {};
  const below = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(below)];
  return {
    indexes: [...new Set(below(root).flatMap((node) => node['Index Name'] ?? []))],
    buffers: (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0),
  };
}

/** What a service heard. */
export interface Heard {
  status: number;
  /** Null where there was no decision. */
  decision: boolean | null;
  reason: string | null;
  /** The name under which the answer is on record. */
  evaluation: string | null;
  retryAfter: string | null;
}

/** A question about a document of a tenant, as a content service would ask it. */
export const aboutDocument = (subject: string, tenant: string, id = 'doc-1') => ({
  subject: { type: 'user', id: subject },
  action: { name: 'content.read' },
  resource: { type: 'document', id, properties: { tenant } },
});

/** Asks one question. Fails where nobody answered. */
export async function ask(api: string, key: string, question: unknown): Promise<Heard> {
  const answer = await fetch(`${api}/access/v1/evaluation`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(question),
  });
  const text = await answer.text();
  const { decision = null, context = {} } = answer.status === 200 ? JSON.parse(text) : {};
  return {
    status: answer.status,
    decision,
    reason: context.reason ?? null,
    evaluation: context.evaluation_id ?? null,
    retryAfter: answer.headers.get('retry-after'),
  };
}

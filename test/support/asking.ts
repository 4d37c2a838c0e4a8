/** What a service heard. */
export interface Heard {
  status: number;
  /** Null where there was no decision. */
  decision: boolean | null;
  reason: string | null;
  /** What the answer says beside: grants, until when. */
  context: Record<string, unknown>;
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

export interface Decision {
  decision: boolean;
  context: Record<string, unknown>;
}

const post = (api: string, path: string, key: string, body: unknown): Promise<Response> =>
  fetch(`${api}/access/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  });

/** Asks several questions in one request; none is decided where the request was refused. */
export async function askTogether(
  api: string,
  key: string,
  questions: readonly unknown[],
): Promise<{ status: number; decisions: Decision[] }> {
  const answer = await post(api, 'evaluations', key, { evaluations: questions });
  const text = await answer.text();
  return { status: answer.status, decisions: answer.status === 200 ? JSON.parse(text).evaluations : [] };
}

/** Asks one question. Fails where nobody answered. */
export async function ask(api: string, key: string, question: unknown): Promise<Heard> {
  const answer = await post(api, 'evaluation', key, question);
  const text = await answer.text();
  const { decision = null, context = {} } = answer.status === 200 ? JSON.parse(text) : {};
  return {
    status: answer.status,
    decision,
    reason: context.reason ?? null,
    context,
    evaluation: context.evaluation_id ?? null,
    retryAfter: answer.headers.get('retry-after'),
  };
}

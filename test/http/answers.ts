/** An answer as it came, without what differs between any two: when it was given, and how request and evaluation are called. */
export interface WholeAnswer {
  status: number;
  headers: [string, string][];
  body: string;
}

export async function wholeOf(response: Response): Promise<WholeAnswer> {
  const text = await response.text();
  return {
    status: response.status,
    headers: [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id'),
    body: text.replace(/"evaluation_id":"[0-9a-f-]{36}"/g, '"evaluation_id":"ID"'),
  };
}

export const NO_GRANT = '{"decision":false,"context":{"reason":"no_grant","evaluation_id":"ID"}}';
export const NOTHING_FOUND = '{"results":[]}';

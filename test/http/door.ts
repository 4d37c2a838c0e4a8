import { type IncomingMessage, request } from 'node:http';

/** A response with its headers as they came, in their order, without those that differ between any two. */
export interface Raw {
  status: number | undefined;
  headers: string[];
  body: string;
}

/** Posts as no well-behaved client would: whatever headers are given, each as often as it has values. */
export const postRaw = (url: string, headers: Record<string, string | string[]>, body: string): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      read(response).then(resolve, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });

async function read(response: IncomingMessage): Promise<Raw> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  const raw = response.rawHeaders;
  const headers = raw.flatMap((name, i) => {
    const passing = i % 2 === 1 || ['date', 'x-request-id'].includes(name.toLowerCase());
    return passing ? [] : [`${name}: ${raw[i + 1]}`];
  });
  return { status: response.statusCode, headers, body };
}

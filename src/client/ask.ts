import { type Answer, answerIn, type Reply, unavailable } from './answer.ts';
import type { Settings } from './options.ts';
import { bodyOf, requestIdHeaders, type WholeQuestion } from './question.ts';

/** An answer takes a few hundred bytes. Whatever is longer comes from somebody else. */
const MOST_BYTES = 65_536;

/**
 * Asks once. Never again by itself: each question that arrives is an audit row, and only the caller knows whether
 * somebody still waits.
 */
export async function ask(settings: Settings, question: WholeQuestion): Promise<Answer> {
  const body = bodyOf(question);
  const signal = AbortSignal.timeout(settings.timeoutMs);
  try {
    return answerIn(await replyTo(settings, question, body, signal));
  } catch {
    return unavailable(signal.aborted ? 'timeout' : 'unreachable');
  }
}

async function replyTo(
  { endpoint, key, fetch }: Settings,
  { requestId }: WholeQuestion,
  body: string,
  signal: AbortSignal,
): Promise<Reply> {
  const init: RequestInit & { cache: 'no-store' } = {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      accept: 'application/json',
      ...requestIdHeaders(requestId),
    },
    body,
    // Another address must never see the key, nor answer for the server.
    redirect: 'error',
    // Some frameworks put a cache into fetch; an old answer is no answer.
    cache: 'no-store',
    signal,
  };
  const { status, headers, body: stream } = await fetch(endpoint, init);
  // Read also where the status says it all: a connection whose answer was read is used again.
  return { status, headers, text: await textOf(stream) };
}

async function textOf(stream: Response['body']): Promise<string | null> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of stream ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

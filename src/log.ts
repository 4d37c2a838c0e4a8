import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';

export type Log = Logger;

const work = new AsyncLocalStorage<string>();

/** Runs one piece of work: every line it logs carries its `request_id`, which is also in its audit rows. */
export function asOneWork<T>(run: (requestId: string) => T): T {
  const requestId = randomUUID();
  return work.run(requestId, () => run(requestId));
}

/**
 * JSON lines on stdout. What a person typed and what opens doors is never in a line; the paths below are the net under
 * that rule.
 */
export const createLog = (level: string): Log =>
  pino({
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    mixin: () => {
      const requestId = work.getStore();
      return requestId ? { request_id: requestId } : {};
    },
    redact: {
      paths: [
        'token',
        'secret',
        'password',
        'reason',
        'comment',
        'body',
        '*.token',
        '*.secret',
        '*.password',
        '*.reason',
        '*.headers',
        '*.config',
        '*.body',
      ],
      censor: '[redacted]',
    },
    serializers: { err: briefly },
  });

/** An error without what it carries along: requests, headers and connection strings stay out of the log. */
function briefly(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  const code = 'code' in error ? { code: error.code } : {};
  const cause = error.cause instanceof Error ? { cause: briefly(error.cause) } : {};
  const where = stack
    ?.split('\n')
    .slice(1, 8)
    .map((line) => line.trim());
  return { name, message: withoutSecrets(message), ...code, ...cause, stack: where };
}

/** Passwords in connection strings, Slack's tokens and our keys, wherever a library put them. */
const withoutSecrets = (text: string): string =>
  text
    .replace(/(postgres(?:ql)?:\/\/[^:@/\s]+:)[^@\s]+@/g, '$1[redacted]@')
    .replace(/\b(?:x(?:ox[a-z]|app)-|bgk_)[\w-]+/g, '[redacted]');

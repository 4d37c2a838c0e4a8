import { createHmac, timingSafeEqual } from 'node:crypto';

/** Signs people in and knows them again. A stand-in for the service's own login; its secret lives with the process. */
export interface Sessions {
  /** A token that says who somebody is. */
  open(operator: string, minutes: number): string;
  /** Whose token it is; null for one that is not ours or that is over. */
  operatorOf(token: string): string | null;
}

export function sessionsWith(secret: string): Sessions {
  const signatureOf = (payload: string): Buffer => createHmac('sha256', secret).update(payload).digest();
  return {
    open(operator, minutes) {
      const session: Session = { operator, until: Date.now() + minutes * 60_000 };
      const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
      return `${payload}.${signatureOf(payload).toString('base64url')}`;
    },
    operatorOf(token) {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = signatureOf(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      const { operator, until }: Session = JSON.parse(Buffer.from(payload, 'base64url').toString());
      return Date.now() < until ? operator : null;
    },
  };
}

interface Session {
  operator: string;
  /** Milliseconds since 1970. */
  until: number;
}

import { asWord } from '../domain/words.ts';
import { counter, type Figures, histogram } from './figures.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'other'] as const;
const statuses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Seconds. */
const BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** One request to the API that was answered. */
export interface AnsweredRequest {
  method: string;
  /** The route's pattern, never the path that was asked; null where no route was meant. */
  route: string | null;
  status: number;
  seconds: number;
}

export function countRequests(figures: Figures): (request: AnsweredRequest) => void {
  const requests = counter(
    figures,
    'breakglass_http_requests_total',
    'Requests to the API by route, method and class of status; `none` is what leads nowhere.',
    { route: null, method: methods, status: statuses },
  );
  const duration = histogram(
    figures,
    'breakglass_http_request_duration_seconds',
    'How long answers of the API took, by route.',
    { route: null },
    BUCKETS,
  );
  return ({ method, route, status, seconds }) => {
    const where = route ?? 'none';
    const counted = asWord(methods, method) ?? 'other';
    requests.inc({ route: where, method: counted, status: asWord(statuses, `${Math.trunc(status / 100)}xx`) ?? '5xx' });
    duration.observe({ route: where }, seconds);
  };
}

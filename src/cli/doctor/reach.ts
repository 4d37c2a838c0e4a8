import type { readOfflineEnvironment } from '../../config.ts';
import { machineTime } from '../machine-time.ts';
import { apart } from './database.ts';
import { type Finding, ok, problem, unknown, warning, whyOf } from './finding.ts';

type Offline = ReturnType<typeof readOfflineEnvironment>;

/** For each answer (ms). */
const WITHIN_MS = 5_000;
const get = (url: string): Promise<Response> =>
  fetch(url, { signal: AbortSignal.timeout(WITHIN_MS), redirect: 'manual' });

/** The API as others reach it, and its clock against the database's. */
export async function lookAtApi(
  { apiUrl, apiPort, apiTls }: Offline,
  databaseAheadMs: number | null,
): Promise<Finding[]> {
  const what = 'api';
  const url = apiUrl ?? `${apiTls ? 'https' : 'http'}://127.0.0.1:${apiPort}`;
  const variable = apiUrl === null ? 'API_URL is not set, so this machine was asked: ' : '';
  let answer: Response;
  try {
    answer = await get(`${url}/readyz`);
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return [
      problem(
        what,
        `${variable}${url} does not answer (${whyOf(cause)})`,
        'Start the bot, or look at API_URL and what stands before it.',
      ),
    ];
  }
  const date = Date.parse(answer.headers.get('date') ?? '');
  const clock =
    databaseAheadMs === null || Number.isNaN(date)
      ? unknown('api clock', 'the time of the API or of the database is not known')
      : apart('api clock', "the API's machine and the database's", date - (machineTime() + databaseAheadMs));
  if (answer.ok) return [ok(what, `${variable}${url} is ready`), clock];
  return [
    answer.status === 503
      ? problem(
          what,
          `${variable}${url} is there and not ready`,
          'Look at "database" in this list, and at the log of the bot.',
        )
      : problem(
          what,
          `${variable}${url} answers with status ${answer.status}: it is not this API`,
          'Look at API_URL and what stands before it.',
        ),
    clock,
  ];
}

/** The identity provider: what it is, and the keys that it signs with. */
export async function lookAtProvider({ oidc }: Offline): Promise<Finding[]> {
  const what = 'identity provider';
  if (oidc === null) return [unknown(what, 'OIDC_ISSUER is not set: people come in by Slack alone')];
  const todo = 'Without it nobody signs in at the API; keys go on counting. Look at OIDC_ISSUER and the network.';
  try {
    const document = await objectAt(`${oidc.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    if (document.issuer !== oidc.issuer) {
      return [
        problem(
          what,
          `calls itself ${String(document.issuer)}, and not ${oidc.issuer}`,
          'Set OIDC_ISSUER to exactly what it calls itself.',
        ),
      ];
    }
    const { keys } = await objectAt(String(document.jwks_uri));
    if (!Array.isArray(keys) || keys.length === 0) return [problem(what, 'publishes no key', todo)];
    const found = `${oidc.issuer} answers, with ${keys.length === 1 ? 'one key' : `${keys.length} keys`}`;
    return [
      ok(what, found),
      ...(oidc.audience === null
        ? [
            warning(
              what,
              'OIDC_AUDIENCE is not set, so the API takes no tokens',
              'Set it, or people can do nothing while Slack is away.',
            ),
          ]
        : []),
    ];
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return [problem(what, `${oidc.issuer} does not answer as one (${whyOf(cause)})`, todo)];
  }
}

async function objectAt(url: string): Promise<Record<string, unknown>> {
  const answer = await get(url);
  const document: unknown = answer.ok ? await answer.json() : null;
  if (typeof document !== 'object' || document === null) throw new Error(`status ${answer.status}`);
  return { ...document };
}

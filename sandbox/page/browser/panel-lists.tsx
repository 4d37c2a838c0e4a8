import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { RequestBehind } from '../wire.ts';
import { moment, timeToTheSecond } from './moments.ts';
import { type Mark, shortId } from './request-ids.ts';

type Marks = ReadonlyMap<string, Mark>;

/** Everything on record about the request, newest first: what is written while one looks is seen without scrolling. */
export function AuditTrail({ audit, marks }: { audit: RequestBehind['audit']; marks: Marks }): JSX.Element {
  const isNew = useNew(audit);
  return (
    <section class="audit">
      <h3>Audit trail</h3>
      <ol aria-live="polite" aria-relevant="additions">
        {audit.toReversed().map(({ id, at, action, actor, requestId, details }) => (
          <li key={id} class={isNew(id) ? 'new' : ''}>
            <p class="head">
              <time dateTime={at} title={moment(at)}>
                {timeToTheSecond(at)}
              </time>
              <code class="action">{action}</code>
            </p>
            <p class="rest">
              <span class="actor">{actor}</span>
              <RequestId id={requestId} mark={marks.get(requestId)} />
            </p>
            {Object.keys(details).length > 0 && (
              <details>
                <summary>Details</summary>
                <pre>{JSON.stringify(details, null, 2)}</pre>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Whom the outbox has to tell, and how far that is; newest first. */
export function Notices({ notices, marks }: { notices: RequestBehind['notices']; marks: Marks }): JSX.Element {
  const isNew = useNew(notices);
  return (
    <section class="notices">
      <h3>Notices</h3>
      {notices.length === 0 && <p class="nothing">None so far.</p>}
      <ol>
        {notices.toReversed().map(({ id, kind, to, state, attempts, createdAt, settledAt, error, requestId }) => (
          <li key={id} class={isNew(id) ? 'new' : ''}>
            <p class="head">
              <time
                dateTime={createdAt}
                title={settledAt === null ? moment(createdAt) : `Settled ${moment(settledAt)}`}
              >
                {timeToTheSecond(createdAt)}
              </time>
              <span class="to">
                <code>{kind}</code> to {to}
              </span>
              <span class={`notice-state ${state}`}>{state}</span>
            </p>
            <p class="rest">
              <span>{attempts === 1 ? '1 attempt' : `${attempts} attempts`}</span>
              <RequestId id={requestId} mark={marks.get(requestId)} />
            </p>
            {error !== null && <p class="error">{error}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Which rows came while somebody looked: those are pointed out once. */
function useNew(rows: readonly { id: string }[]): (id: string) => boolean {
  const atFirst = useRef(new Set(rows.map(({ id }) => id)));
  return (id) => !atFirst.current.has(id);
}

/** The request_id of a piece of work, short; a press copies all of it. */
function RequestId({ id, mark }: { id: string; mark: Mark | undefined }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copyIt = async () => {
    await navigator.clipboard.writeText(id).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button
      type="button"
      class={`request-id mark-${mark?.hue ?? 0}`}
      title={`request_id ${id}`}
      onClick={() => void copyIt()}
      onBlur={() => setCopied(false)}
    >
      <span class="visually-hidden">Copy request_id </span>
      <span class="letter">{mark?.letter}</span> {copied ? 'copied' : shortId(id)}
    </button>
  );
}

import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Everything, RequestLine } from '../wire.ts';
import { Controls } from './controls.tsx';
import { type Send, useSandboxTime } from './hooks.ts';
import { AuditTrail, Notices } from './panel-lists.tsx';
import { Legs, Standing } from './panel-state.tsx';
import { marksOf } from './request-ids.ts';
import type { Shown } from './state.ts';
import { spots } from './window-focus.ts';

interface PanelProps {
  shown: Shown;
  everything: Everything;
  send: Send;
  /** Null follows the newest. */
  follows: string | null;
  setFollows: (grant: string | null) => void;
  watches: boolean;
}

/** What no workspace shows: the request as the database has it, and what moves the machine. */
export function Panel({ shown, everything, send, follows, setFollows, watches }: PanelProps): JSX.Element {
  const { behind, machine } = everything;
  const now = useSandboxTime(machine, shown.machineAt, 1_000);
  const { followed } = behind;
  const marks = followed ? marksOf([...followed.audit, ...followed.notices]) : new Map();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by the keyboard
    <aside class="panel" id={spots.panel} aria-label="Behind the scenes" tabIndex={0}>
      <h2>Behind the scenes</h2>
      <Controls machine={machine} send={send} disabled={watches} />
      <RequestSelect {...{ requests: behind.requests, follows, setFollows }} disabled={watches} />
      {followed ? (
        <div class="followed" key={followed.grant}>
          <Standing request={followed} now={now} />
          <Legs legs={followed.legs} />
          <AuditTrail audit={followed.audit} marks={marks} />
          <Notices notices={followed.notices} marks={marks} />
        </div>
      ) : (
        <p class="nothing">
          Nothing was asked for yet. What the database says of a request stands here as soon as there is one: its state,
          its audit trail, its notices.
        </p>
      )}
    </aside>
  );
}

interface RequestSelectProps {
  requests: readonly RequestLine[];
  follows: string | null;
  setFollows: (grant: string | null) => void;
  disabled: boolean;
}

function RequestSelect({ requests, follows, setFollows, disabled }: RequestSelectProps): JSX.Element {
  const id = useId();
  return (
    <div class="request-select">
      <label for={id}>Request</label>
      <span class="select">
        <select
          id={id}
          disabled={disabled}
          value={follows ?? ''}
          onChange={(event) => setFollows(event.currentTarget.value || null)}
        >
          <option value="">The newest</option>
          {requests.map((line) => (
            <option key={line.grant} value={line.grant}>
              {titleOfRequest(line)}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}

const titleOfRequest = ({ ticket, tenant, requester, state }: RequestLine) =>
  `${ticket}: ${tenant}, ${requester}, ${state}`;

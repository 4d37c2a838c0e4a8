import type { JSX } from 'preact';
import type { RequestBehind } from '../wire.ts';
import { day, lengthOfTime, moment, timeOfDay, timeToTheSecond } from './moments.ts';

const scopes: Readonly<Record<string, string>> = {
  content_access: 'Content access',
  create_platform_owner: 'Create a platform owner',
  reset_admin_password: "Reset an admin's password",
  reenable_admin: 'Re-enable an admin',
  audit_view: 'Audit view',
  workspace_recovery: 'Workspace recovery',
};

/** Where a request stands, with what is left of its time by the sandbox's clock. */
export function Standing({ request, now }: { request: RequestBehind; now: number }): JSX.Element {
  const { state, tenant, scope, requester, ticket, reason, minutes } = request;
  return (
    <section class="standing">
      <h3>State</h3>
      <p class="state-line">
        {/* What is left of its time changes every second, and is not read aloud. */}
        <span class={`state ${state}`} aria-live="polite">
          {state}
        </span>
        <span class="remaining">{remainingOf(request, now)}</span>
      </p>
      <dl>
        <dt>Tenant</dt>
        <dd>{tenant}</dd>
        <dt>Scope</dt>
        <dd>
          {scopes[scope] ?? scope} <code>{scope}</code>
        </dd>
        <dt>Who</dt>
        <dd>{requester}</dd>
        <dt>Ticket</dt>
        <dd>{ticket}</dd>
        <dt>Time</dt>
        <dd>{lengthOfTime(minutes * 60_000)}</dd>
        <dt>Reason</dt>
        <dd class="reason">{reason}</dd>
      </dl>
    </section>
  );
}

/** "ends in 42 min 7 s", by the sandbox's time (ms). */
export function remainingOf(request: RequestBehind, now: number): string {
  const { state, lapsesAt, expiresAt, closedAt } = request;
  const when = (at: string) => (day(at) === day(now) ? timeOfDay(at) : moment(at));
  const until = (at: string) => `in ${lengthOfTime(Date.parse(at) - now)}, at ${when(at)}`;
  if (state === 'requested') return `lapses ${until(lapsesAt)}`;
  if (state === 'active' && expiresAt !== null) return `ends ${until(expiresAt)}`;
  const since = closedAt ?? (state === 'expired' ? expiresAt : lapsesAt);
  return since === null ? '' : `since ${when(since)}`;
}

const legNames: Readonly<Record<string, string>> = { owner: 'Tenant owner', ops: 'Ops', security: 'Security' };

/** Who has to agree, and who did. */
export function Legs({ legs }: Pick<RequestBehind, 'legs'>): JSX.Element {
  return (
    <section class="legs">
      <h3>Legs</h3>
      {legs.length === 0 && <p class="nothing">This scope needs nobody's approval.</p>}
      <ul>
        {legs.map(({ role, verdict, by, at }) => (
          <li key={role} class={verdict ?? 'open'}>
            <span class="role">{legNames[role] ?? role}</span>
            <span class="verdict">{verdict === null ? 'not decided' : `${verdict} by ${by ?? 'somebody'}`}</span>
            {at !== null && <time dateTime={at}>{timeToTheSecond(at)}</time>}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { type Entry, isRecord } from './entry.ts';
import { type Html, html, typed } from './html.ts';
import { partOf } from './parts.ts';
import type { Session } from './sessions.ts';
import { type Mark, timeline } from './timeline.ts';

/** What a step says, by the last word of its action; then what was typed or decided with it. */
const words: Readonly<Record<string, string>> = {
  requested: 'Access was asked for',
  ownerless_waived: 'The tenant has no owner: ops and security decide instead',
  approved: 'Approved',
  activated: 'Access began',
  denied: 'Denied',
  withdrawn: 'The request was taken back',
  lapsed: 'Nobody decided in time',
  ended: 'The operator was done',
  revoked: 'Access was stopped',
  expired: 'The time ran out',
  review_opened: 'A review is owed',
  review_overdue: 'The review fell overdue',
  reviewed: 'Reviewed',
  review_excused: 'The overdue review was excused',
  evidence_attached: 'Evidence was attached',
};
const ends = ['denied', 'withdrawn', 'lapsed', 'ended', 'revoked', 'expired'];
const isEnd = ({ action }: Entry): boolean => partOf(action) !== 'uses' && ends.includes(wordOf(action));
const wordOf = (action: string): string => action.split('.').at(-1) ?? '';

/** One access: what was asked, a picture of it, and each step. */
export function sessionArticle({ grant, tenant, steps, more, uses }: Session): Html {
  const request = steps.find(({ action }) => action.endsWith('.requested'));
  const asked = request?.details ?? {};
  return html`<article>
<h3>${typed(asked.scope ?? 'Access')} ${grant}</h3>
<dl>
<dt>Tenant</dt><dd>${tenant ?? 'none'}</dd>
<dt>Who</dt><dd>${typed(asked.requester ?? request?.actor ?? 'see requests.csv')}</dd>
${fact('Why then', asked.circumstance)}${fact('Reason', asked.reason)}${fact('Ticket', asked.ticket)}${fact('Minutes asked for', asked.minutes)}${fact('Configuration in force', asked.policy)}
<dt>Uses</dt><dd>${uses.allowed} allowed, ${uses.denied} denied</dd>
</dl>
${pictureOf({ grant, tenant, steps, more, uses })}
<table>
<thead><tr><th scope="col" class="number">No.</th><th scope="col">When</th><th scope="col">What</th><th scope="col">By</th></tr></thead>
<tbody>
${steps.map((entry, i) => html`<tr><td class="number">${i + 1}</td><td class="time">${entry.at}</td><td>${stepWords(entry)}</td><td>${typed(entry.actor)}</td></tr>\n`)}
</tbody>
</table>
${more > 0 ? html`<p>${more} more steps of this access are in entries.jsonl.</p>` : html``}
</article>
`;
}

const fact = (label: string, value: unknown): Html =>
  value === undefined || value === null ? html`` : html`<dt>${label}</dt><dd>${typed(value)}</dd>\n`;

/** What happened, and what was typed with it. */
export function stepWords({ action, details }: Entry): Html {
  const said = words[wordOf(action)];
  const typedWith = ['leg', 'minutes', 'comment', 'reason', 'title', 'sha256', 'due_at', 'expires_at'].flatMap(
    (name) =>
      details[name] === undefined || details[name] === null || (name === 'reason' && action.endsWith('.requested'))
        ? []
        : [html`<br>${name.replace('_', ' ')}: ${typed(details[name])}`],
  );
  const what = said !== undefined && partOf(action) !== 'other' ? html`${said}` : typed(action);
  return html`${what}${typedWith}${answersIn(details.answers)}`;
}

function answersIn(answers: unknown): Html[] {
  if (!isRecord(answers)) return [];
  return Object.entries(answers).map(([question, given]) => {
    const { answer, note } = isRecord(given) ? given : { answer: given, note: '' };
    const beside = typeof note === 'string' && note !== '' ? html` (${typed(note)})` : html``;
    return html`<br>${question.replaceAll('_', ' ')}: ${typed(answer)}${beside}`;
  });
}

function pictureOf({ steps, uses }: Session): Html {
  const timed = steps.map((entry, i) => ({ entry, number: i + 1, at: Date.parse(entry.at) }));
  const known = timed.filter(({ at }) => !Number.isNaN(at));
  const first = (is: (entry: Entry) => boolean) => known.find(({ entry }) => is(entry))?.at ?? null;
  const over = first(isEnd);
  const marks = known.map(({ entry, number, at }): Mark => {
    return { number, at, later: over !== null && at > over && !isEnd(entry) };
  });
  return timeline({
    marks,
    asked: first(({ action }) => action.endsWith('.requested')),
    began: first(({ action }) => action.endsWith('.activated')),
    over,
    uses: [...uses.stretches].map(([place, counts]) => ({ at: (place + 0.5) * uses.width, ...counts })),
    words: `Timeline: ${known.length} numbered steps, the same as in the table beneath; ${uses.allowed} uses allowed, ${uses.denied} denied.`,
  });
}

import { kindOf, kinds, scopes } from '../domain/words.ts';
import type { Present } from '../store/present.ts';
import { type Figures, gauge } from './figures.ts';

const noticeStates = ['waiting', 'dead'] as const;

/**
 * Figures that the database has, shown as they were read for one scrape. What was not read has no value: an old one would
 * look like a new one. They are the same from every replica.
 */
export function showPresent(figures: Figures): (present: Present | null) => void {
  const up = gauge(figures, 'breakglass_database_up', 'Whether the database answered this scrape.', {});
  const parts = [showGrants(figures), showNotices(figures), showReviews(figures), showSeal(figures)];
  return (present) => {
    up.set(present === null ? 0 : 1);
    for (const { forget, show } of parts) {
      forget();
      if (present) show(present);
    }
  };
}

interface Part {
  forget(): void;
  show(present: Present): void;
}

/** @param single gauges without labels: reset, they would say zero */
const part = (
  labelled: readonly { reset(): void }[],
  single: readonly { remove(): void }[],
  show: Part['show'],
): Part => ({
  forget: () => {
    for (const each of labelled) each.reset();
    for (const each of single) each.remove();
  },
  show,
});

function showGrants(figures: Figures): Part {
  const about = { kind: kinds, scope: scopes };
  const pending = gauge(figures, 'breakglass_pending_requests', 'Requests that wait for a decision.', about);
  const pendingAge = gauge(
    figures,
    'breakglass_pending_age_seconds',
    'How long the oldest request has been waiting; 0 where none is.',
    about,
  );
  const active = gauge(figures, 'breakglass_active_grants', 'Accesses that are active now.', about);
  const due = gauge(figures, 'breakglass_due_grants', 'Accesses and requests that are over and not closed yet.', {});
  const dueAge = gauge(
    figures,
    'breakglass_due_age_seconds',
    'How long the oldest of them has been over; 0 where none is.',
    {},
  );
  return part([pending, pendingAge, active], [due, dueAge], (present) => {
    for (const scope of scopes) {
      const labels = { kind: kindOf(scope), scope };
      const waiting = present.pending.get(scope);
      pending.set(labels, waiting?.count ?? 0);
      pendingAge.set(labels, waiting?.ageSeconds ?? 0);
      active.set(labels, present.active.get(scope) ?? 0);
    }
    due.set(present.due.count);
    dueAge.set(present.due.ageSeconds);
  });
}

function showNotices(figures: Figures): Part {
  const notices = gauge(figures, 'breakglass_outbox_notices', 'Notices that wait, or were given up.', {
    state: noticeStates,
  });
  const age = gauge(
    figures,
    'breakglass_outbox_age_seconds',
    'How long the oldest notice has been waiting, or dead; 0 where there is none.',
    { state: noticeStates },
  );
  return part([notices, age], [], ({ notices: found }) => {
    for (const state of noticeStates) {
      notices.set({ state }, found[state].count);
      age.set({ state }, found[state].ageSeconds);
    }
  });
}

function showReviews(figures: Figures): Part {
  const owed = gauge(
    figures,
    'breakglass_reviews_owed',
    'Reviews that nobody answered or excused, overdue or not.',
    {},
  );
  const overdue = gauge(figures, 'breakglass_reviews_overdue', 'Those of them that are overdue.', {});
  const age = gauge(
    figures,
    'breakglass_review_overdue_age_seconds',
    'For how long the oldest review has been overdue; 0 where none is.',
    {},
  );
  return part([], [owed, overdue, age], ({ reviews }) => {
    owed.set(reviews.owed);
    overdue.set(reviews.overdue);
    age.set(reviews.ageSeconds);
  });
}

function showSeal(figures: Figures): Part {
  const unsealed = gauge(
    figures,
    'breakglass_unsealed_age_seconds',
    'How old the oldest entry is that is not sealed; 0 where all are. No value where this process has no key.',
    {},
  );
  const entries = gauge(figures, 'breakglass_sealed_entries', 'Entries in the newest signed head.', {});
  const head = gauge(figures, 'breakglass_checkpoint_age_seconds', 'How old the newest signed head is.', {});
  const posted = gauge(
    figures,
    'breakglass_posted_checkpoint_age_seconds',
    'How old the newest head is that was sent to people.',
    {},
  );
  return part([], [unsealed, entries, head, posted], ({ seal, unsealedAgeSeconds }) => {
    if (unsealedAgeSeconds !== null) unsealed.set(unsealedAgeSeconds);
    if (seal === null) return;
    entries.set(seal.entries);
    head.set(seal.ageSeconds);
    if (seal.postedAgeSeconds !== null) posted.set(seal.postedAgeSeconds);
  });
}

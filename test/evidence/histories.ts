import fc from 'fast-check';
import type { Selection } from '../../src/evidence/bundle.ts';
import type { Signer } from '../../src/evidence/note.ts';
import { ACME, type Asked, entryText, GRANT, type History, sha256 } from './bundles.ts';

const ATTACHED = '3b241101-e2bb-4255-8caf-4136c566a962';

const typed = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('=1+1', '<script>alert(1)</script>', '\u202eevil', 'a\nb', '"', "'", '\u2028'),
);
const actions = fc.constantFrom(
  'break_glass.requested',
  'break_glass.approved',
  'break_glass.activated',
  'break_glass.ended',
  'break_glass.reviewed',
  'support_access.ownerless_waived',
  'access.allowed',
  'access.denied',
  'policy.adopted',
  'role.changed',
);

/** A history of some entries, a part of which somebody asks for. */
export interface Story {
  entries: readonly string[];
  asked: Asked;
}

/** Histories as they may be: of a grant, of a tenant's own tree, or of everything, from one place to another. */
export const stories: fc.Arbitrary<Story> = fc
  .record({
    facts: fc.array(fc.tuple(actions, typed, fc.boolean()), { minLength: 4, maxLength: 40 }),
    kind: fc.constantFrom('grant', 'tenant', 'everything' as const),
    ends: fc.tuple(fc.nat(), fc.nat()),
    posted: fc.uniqueArray(fc.nat(), { maxLength: 4 }),
    content: typed,
  })
  .map(({ facts, kind, ends, posted, content }): Story => {
    const attached = { attachment: ATTACHED, kind: 'note', title: 'x', sha256: sha256(content) };
    const mine = facts.map(([, , isMine], i) => kind !== 'everything' || isMine || i === 0);
    const entries = facts.map(([action, reason], n) =>
      n === 1
        ? entryText(n, 'break_glass.evidence_attached', attached)
        : entryText(n, action, { reason, comment: reason, minutes: n }, mine[n] ? {} : { tenant: null, grant: null }),
    );
    const size = entries.length;
    const [a = 0, b = 0] = ends.map((each) => each % (size - 1)).sort((x, y) => x - y);
    const [first, last] = kind === 'grant' ? [0, size - 1] : [a, b + 1];
    const leaves = Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const wanted = kind === 'grant' ? leaves.filter((leaf) => leaf < 3 || leaf % 3 > 0) : leaves;
    const asked = {
      selection: selectionOf(kind, first, last, size),
      leaves: wanted,
      contents: { [ATTACHED]: content },
    };
    return {
      entries,
      asked: {
        ...asked,
        posted: [...new Set(posted.map((each) => 1 + (each % size)))]
          .sort((x, y) => x - y)
          .filter((each) => each < size),
      },
    };
  });

/** A window that begins and ends just within the leaves that show it, or with the history itself. */
function selectionOf(kind: 'grant' | 'tenant' | 'everything', first: number, last: number, size: number): Selection {
  const tenant = { id: ACME, key: 'acme' };
  if (kind === 'grant') return { kind, grant: GRANT, tenant };
  const moment = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
  const from = first === 0 ? moment(0) : moment(first + 0.5);
  const to = last === size - 1 ? moment(last + 1) : moment(last - 0.5);
  // Two neighbours show that nothing is between them.
  return {
    kind: 'window',
    from,
    to: to <= from ? moment(first + 0.75) : to,
    tenant: kind === 'tenant' ? tenant : null,
  };
}

export const historyOf = (story: Story, signer: Signer): History => ({ signer, entries: story.entries });

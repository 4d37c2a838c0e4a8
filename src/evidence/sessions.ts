import type { Entry } from './entry.ts';
import { partOf } from './parts.ts';

/** What a report tells of one grant. */
export interface Session {
  grant: string;
  tenant: string | null;
  /** All but the uses, the oldest first; no more than a page bears. */
  steps: Entry[];
  /** Steps beyond that. */
  more: number;
  uses: UseCounts;
}

/** Uses over time, in a bounded number of stretches. */
export interface UseCounts {
  allowed: number;
  denied: number;
  /** Width of a stretch (ms). */
  width: number;
  stretches: Map<number, { allowed: number; denied: number }>;
}

/** As many as a page shows; the tables have all. */
export const SHOWN = { sessions: 200, steps: 60, stretches: 240, others: 100 } as const;

const MINUTE_MS = 60_000;

export interface Collected {
  sessions: readonly Session[];
  /** What is about no grant, the oldest first, and how many more there are. */
  others: readonly Entry[];
  moreOthers: number;
}

/** Collects what a report shows of entries that come one after the other. Memory is bounded, however many there are. */
export function collector(): { add(entry: Entry): void; collected(): Collected } {
  const sessions = new Map<string, Session>();
  const others: Entry[] = [];
  let moreOthers = 0;
  const sessionOf = ({ grant, tenant }: Entry & { grant: string }): Session | null => {
    const known = sessions.get(grant);
    if (known || sessions.size >= SHOWN.sessions) return known ?? null;
    const uses = { allowed: 0, denied: 0, width: MINUTE_MS, stretches: new Map() };
    const made: Session = { grant, tenant, steps: [], more: 0, uses };
    sessions.set(grant, made);
    return made;
  };
  return {
    add: (entry) => {
      const { grant } = entry;
      if (grant === null) {
        if (partOf(entry.action) === 'uses') return;
        if (others.length < SHOWN.others) others.push(entry);
        else moreOthers += 1;
        return;
      }
      const session = sessionOf({ ...entry, grant });
      if (session === null) return;
      if (partOf(entry.action) === 'uses') count(session.uses, entry);
      else if (session.steps.length < SHOWN.steps) session.steps.push(entry);
      else session.more += 1;
    },
    collected: () => ({ sessions: [...sessions.values()], others, moreOthers }),
  };
}

function count(uses: UseCounts, { at, action }: Entry): void {
  const how = action === 'access.allowed' ? 'allowed' : 'denied';
  uses[how] += 1;
  const time = Date.parse(at);
  if (Number.isNaN(time)) return;
  add(uses.stretches, Math.floor(time / uses.width), { allowed: 0, denied: 0, [how]: 1 });
  if (uses.stretches.size > SHOWN.stretches) widen(uses);
}

/** Neighbouring stretches become one, twice as wide. */
function widen(uses: UseCounts): void {
  const wider: UseCounts['stretches'] = new Map();
  for (const [place, counts] of uses.stretches) add(wider, Math.floor(place / 2), counts);
  uses.width *= 2;
  uses.stretches = wider;
}

function add(
  stretches: UseCounts['stretches'],
  place: number,
  { allowed, denied }: { allowed: number; denied: number },
) {
  const known = stretches.get(place) ?? { allowed: 0, denied: 0 };
  stretches.set(place, { allowed: known.allowed + allowed, denied: known.denied + denied });
}

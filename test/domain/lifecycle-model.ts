/**
 * A second, much smaller lifecycle: it keeps minutes and names, and is asked the same things as the rules.
 * It opens nothing of `src/`; one request of an hour, made at minute 0 by `asker`.
 */

export type Role = 'owner' | 'ops' | 'security';
export type Phase = 'requested' | 'active' | 'ended' | 'revoked' | 'expired' | 'denied' | 'withdrawn' | 'lapsed';

/** Who holds what: by name, by a group since before the request, or by a group joined after it. */
export const holders = {
  asker: { named: ['ops', 'security'], longMember: [], newcomer: [], owns: true },
  boss: { named: [], longMember: [], newcomer: [], owns: true },
  heir: { named: ['security'], longMember: [], newcomer: [], owns: true },
  oscar: { named: ['ops'], longMember: [], newcomer: [], owns: false },
  sigrid: { named: ['security'], longMember: [], newcomer: [], owns: false },
  both: { named: ['ops', 'security'], longMember: [], newcomer: [], owns: false },
  veteran: { named: [], longMember: ['ops', 'security'], newcomer: [], owns: false },
  joiner: { named: [], longMember: [], newcomer: ['ops', 'security'], owns: false },
  nobody: { named: [], longMember: [], newcomer: [], owns: false },
} as const;
export type Name = keyof typeof holders;
export const isName = (word: string): word is Name => word in holders;

/** What is so around the grant, and may change while it waits. */
export interface World {
  minute: number;
  maxMinutes: number;
  lapseMinutes: number;
  needs: readonly Role[];
  owned: boolean;
}

export type Command =
  | { verb: 'approve'; by: Name; leg: Role; minutes: number | null }
  | { verb: 'deny'; by: Name; leg: Role }
  | { verb: 'withdraw' | 'end' | 'revoke'; by: Name }
  | { verb: 'lapse' | 'expire' | 'leave' }
  | { verb: 'wait'; minutes: number }
  | { verb: 'configure'; maxMinutes: number; lapseMinutes: number }
  | { verb: 'add_leg'; leg: Role }
  | { verb: 'owners'; owned: boolean };

export interface Model {
  phase: Phase;
  minutes: number;
  legs: Partial<Record<Role, Name | null>>;
  waived: boolean;
  lapses: number;
  from: number | null;
  until: number | null;
}

export const newModel = (needs: readonly Role[], waived: boolean, lapses: number): Model => ({
  phase: 'requested',
  minutes: 60,
  legs: Object.fromEntries(needs.map((leg) => [leg, null])),
  waived,
  lapses,
  from: null,
  until: null,
});

const includes = (list: readonly string[], word: string): boolean => list.includes(word);

export const holds = (name: Name, role: Role, world: World): boolean => {
  const holder = holders[name];
  return role === 'owner'
    ? holder.owns && world.owned
    : includes(holder.named, role) || includes(holder.longMember, role);
};

/** The model after the command, or null where the lifecycle says no. */
export function step(model: Model, command: Command, world: World): Model | null {
  const { minute } = world;
  const waits = model.phase === 'requested' && minute < model.lapses;
  const runs = model.phase === 'active' && model.until !== null && minute < model.until;
  switch (command.verb) {
    case 'approve':
    case 'deny': {
      const { by, leg } = command;
      const inTime = waits && minute < world.lapseMinutes;
      const free = model.legs[leg] === null && !Object.values(model.legs).some((name) => name === by);
      if (by === 'asker' || !holds(by, leg, world) || !free || !inTime) return null;
      return command.verb === 'deny' ? { ...model, phase: 'denied' } : agree(model, command, world);
    }
    case 'withdraw':
      return waits && command.by === 'asker' ? { ...model, phase: 'withdrawn' } : null;
    case 'end':
      return runs && command.by === 'asker' ? { ...model, phase: 'ended' } : null;
    case 'revoke': {
      const answers = (['owner', 'ops', 'security'] as const).some((role) => holds(command.by, role, world));
      return runs && answers ? { ...model, phase: 'revoked' } : null;
    }
    case 'lapse': {
      const due = Math.min(model.lapses, world.lapseMinutes);
      return model.phase === 'requested' && minute >= due ? { ...model, phase: 'lapsed', lapses: due } : null;
    }
    case 'expire':
      return model.phase === 'active' && !runs ? { ...model, phase: 'expired' } : null;
    case 'leave':
      return { ...model, phase: waits ? 'withdrawn' : runs ? 'revoked' : model.phase };
    default:
      return model;
  }
}

function agree(model: Model, approval: Extract<Command, { verb: 'approve' }>, world: World): Model | null {
  const shorter = approval.minutes ?? model.minutes;
  if (approval.minutes !== null && (shorter < 1 || shorter >= model.minutes)) return null;
  const lacking = world.needs.some((role) => !(role in model.legs) && !(role === 'owner' && model.waived));
  if (lacking || (model.waived && world.owned)) return null;
  const legs = { ...model.legs, [approval.leg]: approval.by };
  if (Object.values(legs).includes(null)) return { ...model, legs, minutes: shorter };
  const minutes = Math.min(shorter, world.maxMinutes);
  return { ...model, legs, minutes, phase: 'active', from: world.minute, until: world.minute + minutes };
}

/** The world after the command; verbs of the lifecycle leave it alone, and time only moves forward. */
export function turn(world: World, command: Command): World {
  switch (command.verb) {
    case 'wait':
      return { ...world, minute: world.minute + command.minutes };
    case 'configure':
      return { ...world, maxMinutes: command.maxMinutes, lapseMinutes: command.lapseMinutes };
    case 'add_leg':
      return { ...world, needs: [...new Set([...world.needs, command.leg])] };
    case 'owners':
      return { ...world, owned: command.owned };
    default:
      return world;
  }
}

import fc from 'fast-check';
import { applyAll } from '../../src/domain/apply.ts';
import { end, expire, lapse, leave, revoke, withdraw } from '../../src/domain/close.ts';
import { approve, deny } from '../../src/domain/decide.ts';
import type { Decision, GrantEvent } from '../../src/domain/events.ts';
import type { Grant } from '../../src/domain/grant.ts';
import type { Actor, Owner } from '../../src/domain/people.ts';
import type { Policy } from '../../src/domain/policy.ts';
import { request } from '../../src/domain/request.ts';
import { staffRoles } from '../../src/domain/words.ts';
import {
  aGrant,
  aPolicy,
  asked,
  aTenant,
  at,
  catalogue,
  eventsOf,
  frozen,
  requestGrounds,
  someone,
} from './builders.ts';
import {
  type Command,
  holders,
  type Model,
  type Name,
  newModel,
  type Role,
  step,
  turn,
  type World,
} from './lifecycle-model.ts';

const names: Name[] = ['asker', 'boss', 'heir', 'oscar', 'sigrid', 'both', 'veteran', 'joiner', 'nobody'];
const scopes = ['content_access', 'create_platform_owner', 'workspace_recovery', 'audit_view'] as const;
type WalkedScope = (typeof scopes)[number];

const actorOf = (name: Name): Actor => {
  const { named, longMember, newcomer } = holders[name];
  const roles: Actor['roles'] = name === 'asker' ? { operator: 'named' } : {};
  for (const role of staffRoles) {
    if ([...longMember, ...newcomer].some((held) => held === role)) roles[role] = 'group';
    if (named.some((held) => held === role)) roles[role] = 'named';
  }
  return someone(name, { roles });
};
const groupMembers = { ops: ['slack:T0HOME:veteran'], security: ['slack:T0HOME:veteran'] };
const owning: Owner[] = names.filter((name) => holders[name].owns).map((person) => ({ person, guestAllowed: false }));

const anybody = fc.constantFrom(...names);
const anyLeg = fc.constantFrom<Role>('owner', 'ops', 'security');
const minutes = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 70 }));
const verb = <V extends Command['verb']>(...some: V[]) => fc.constantFrom(...some);

/** Pairs that usually may, so that most walks get somewhere; beside them everybody tries everything. */
const rightful = fc.constantFrom<[Name, Role]>(
  ['boss', 'owner'],
  ['heir', 'owner'],
  ['heir', 'security'],
  ['sigrid', 'security'],
  ['both', 'security'],
  ['both', 'ops'],
  ['oscar', 'ops'],
  ['veteran', 'ops'],
  ['veteran', 'security'],
);
const weighted = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const command: fc.Arbitrary<Command> = fc.oneof(
  weighted(
    90,
    fc
      .tuple(rightful, minutes)
      .map(([[by, leg], shorter]) => ({ verb: 'approve' as const, by, leg, minutes: shorter })),
  ),
  weighted(40, fc.record({ verb: verb('approve'), by: anybody, leg: anyLeg, minutes })),
  weighted(16, fc.record({ verb: verb('deny'), by: anybody, leg: anyLeg })),
  weighted(20, fc.record({ verb: verb('withdraw', 'end', 'revoke'), by: anybody })),
  weighted(6, fc.record({ verb: verb('withdraw', 'end'), by: fc.constant<Name>('asker') })),
  weighted(30, fc.record({ verb: verb('lapse', 'expire') })),
  weighted(2, fc.constant({ verb: 'leave' as const })),
  weighted(60, fc.record({ verb: verb('wait'), minutes: fc.integer({ min: 0, max: 25 }) })),
  weighted(
    16,
    fc.record({
      verb: verb('configure'),
      maxMinutes: fc.integer({ min: 1, max: 90 }),
      lapseMinutes: fc.integer({ min: 20, max: 120 }),
    }),
  ),
  weighted(8, fc.record({ verb: verb('add_leg'), leg: anyLeg })),
  weighted(8, fc.record({ verb: verb('owners'), owned: fc.boolean() })),
);

interface Walk {
  scope: WalkedScope;
  owned: boolean;
  commands: Command[];
}
export const walks: fc.Arbitrary<Walk> = fc.record({
  scope: fc.constantFrom(...scopes),
  owned: fc.boolean(),
  commands: fc.array(command, { minLength: 5, maxLength: 40, size: 'max' }),
});

/** One command, asked of the rules and of the model in the same world. */
export interface Step {
  command: Command;
  world: World;
  before: Grant;
  decision: Decision<GrantEvent>;
  after: Grant;
  /** What the model says: its next self, or null for no. */
  model: Model | null;
}

export interface Trace {
  requested: readonly GrantEvent[];
  first: Grant;
  steps: Step[];
}

/** Both lifecycles, side by side, from the request on. */
export function run({ scope, owned, commands }: Walk): Trace {
  const { legs, lapseMinutes, minutes } = catalogue[scope];
  let world: World = { minute: 0, maxMinutes: minutes.max, lapseMinutes, needs: legs, owned };
  const tenant = aTenant({ owners: owned ? owning : [] });
  const requested = eventsOf(request(actorOf('asker'), asked({ scope }), requestGrounds({ tenant, groupMembers })));
  const first = frozen(applyAll(aGrant(), requested));

  const waived = !owned && legs.includes('owner');
  const needs: readonly Role[] = waived ? ['ops', 'security'] : legs;
  let model = newModel(needs, waived, lapseMinutes);
  if (needs.length === 0) model = { ...model, phase: 'active', from: 0, until: 60 };

  let grant = first;
  const steps: Step[] = [];
  for (const next of commands) {
    world = turn(world, next);
    const before = grant;
    const decision = frozen(decide(before, next, world, scope));
    grant = frozen(applyAll(before, decision.events ?? []));
    const answer = step(model, next, world);
    steps.push({ command: next, world, before, decision, after: grant, model: answer });
    model = answer ?? model;
  }
  return { requested, first, steps };
}

function decide(grant: Grant, next: Command, world: World, scope: WalkedScope): Decision<GrantEvent> {
  const now = at(world.minute);
  const grounds = { now, policy: policyIn(world, scope), owners: world.owned ? owning : [] };
  switch (next.verb) {
    case 'approve':
      return approve(grant, actorOf(next.by), { leg: next.leg, minutes: next.minutes, comment: null }, grounds);
    case 'deny':
      return deny(grant, actorOf(next.by), next.leg, 'Not needed.', grounds);
    case 'withdraw':
      return withdraw(grant, actorOf(next.by), now);
    case 'end':
      return end(grant, actorOf(next.by), now);
    case 'revoke':
      return revoke(grant, actorOf(next.by), 'Not needed.', grounds);
    case 'lapse':
      return lapse(grant, now, grounds.policy);
    case 'expire':
      return expire(grant, now);
    case 'leave':
      return leave(grant, now);
    default:
      return { events: [] };
  }
}

const policyIn = ({ maxMinutes, lapseMinutes, needs }: World, scope: WalkedScope): Policy =>
  aPolicy({ [scope]: { minutes: { default: 1, max: maxMinutes }, legs: needs, lapseMinutes } });

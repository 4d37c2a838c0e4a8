import type { SignIn } from '../../domain/linking.ts';
import type { Actor } from '../../domain/people.ts';
import type { ApiRole, TenantId } from '../../domain/words.ts';

interface Proven {
  /** How the audit names the caller: `key:NAME`, `slack:TEAM:USER`, or `oidc:ISSUER#SUBJECT` for somebody not linked. */
  name: string;
  roles: ReadonlySet<ApiRole>;
  /** The tenants it is bound to; null for every one. What a person sees of a tenant is for the use cases to say. */
  tenants: readonly TenantId[] | null;
  /** Answers a second, in this process. */
  perSecond: number;
}

/** A service, an auditor's program or an administrator's: whatever proved it, it counts as an API key. */
export interface Program extends Proven {
  kind: 'program';
  key: {
    id: string;
    /** As the audit names it, behind `key:`. */
    name: string;
    /** The tenant of questions that name none; its key. */
    defaultTenant: string | null;
  };
}

/** One human, by a token of the identity provider. */
export interface PersonAtApi extends Proven {
  kind: 'person';
  /** Null where no Slack identity is linked: whoever that is takes no part in the lifecycle of access. */
  actor: Actor | null;
  signIn: SignIn;
}

/** Who calls, proven by what came with this request. */
export type Caller = Program | PersonAtApi;

/** The key that a service counts as. Where only services are let in, there is one. */
export function keyOf(caller: Caller): Program['key'] {
  if (caller.kind === 'program') return caller.key;
  throw new Error('A person was let in where only services are.');
}

/** What came with a request to prove who sends it. */
export interface Shown {
  authorization: string | undefined;
  /** The names of a client certificate's subject, vouched for by the configured authority; null where there is none. */
  certificate: Readonly<Record<string, string>> | null;
  /** A page in a browser sent it: `Origin`, or `Sec-Fetch-Site`. */
  fromBrowser: boolean;
}

/** Finds out who calls; null where nobody vouches for it. */
export type Authenticate = (shown: Shown) => Promise<Caller | null>;

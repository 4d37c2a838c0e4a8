import { hash } from 'node:crypto';
import { attachmentName, policyName, type Selection, sources } from './bundle.ts';
import type { Entry } from './entry.ts';
import { HistoryChanged } from './held-against.ts';
import type { Spools } from './spool.ts';

/** Contents that entries name by their hash. */
export interface GivenContent {
  /** An attachment's id, or the hash of a configuration. */
  id: string;
  content: string;
}

/** What an entry has the hash of: under which name it is in the bundle, and which leaf says so. */
export interface Hashed {
  file: string;
  sha256: string;
  leaf: number;
}

/** What the entries name that is elsewhere. */
export interface Named {
  attachments: ReadonlyMap<string, Hashed>;
  policies: ReadonlyMap<string, Hashed>;
  tenants: ReadonlySet<string>;
  add(entry: Entry, leaf: number): void;
}

/** Collects what the entries of a selection name: by which name, and with which hash. */
export function namedBy(selection: Selection): Named {
  const attachments = new Map<string, Hashed>();
  const policies = new Map<string, Hashed>();
  const tenants = new Set<string>();
  // The text of a configuration names every tenant: it is not for a bundle of one of them.
  const withPolicies = selection.kind === 'window' && selection.tenant === null;
  return {
    attachments,
    policies,
    tenants,
    add: ({ action, tenant, details }: Entry, leaf: number): void => {
      if (tenant !== null) tenants.add(tenant);
      const { attachment, kind, sha256, policy, hash: adopted } = details;
      if (action.endsWith('.evidence_attached') && typeof attachment === 'string') {
        const file = attachmentName(attachment, String(kind));
        attachments.set(attachment, { file, sha256: String(sha256), leaf });
      }
      const hashed = action === 'policy.adopted' ? adopted : action.endsWith('.requested') ? policy : undefined;
      if (withPolicies && typeof hashed === 'string' && !policies.has(hashed)) {
        policies.set(hashed, { file: policyName(hashed), sha256: hashed, leaf });
      }
    },
  };
}

/** Contents by the hashes that entries have of them. @throws HistoryChanged where one is missing or another */
export async function writeContents(
  wanted: ReadonlyMap<string, Hashed>,
  read: (ids: readonly string[]) => AsyncIterable<readonly GivenContent[]>,
  spools: Spools,
): Promise<void> {
  const missing = new Set(wanted.keys());
  for await (const chunk of read([...wanted.keys()])) {
    for (const { id, content } of chunk) {
      const named = wanted.get(id);
      if (!named || !missing.delete(id)) continue;
      if (hash('sha256', content) !== named.sha256) {
        throw new HistoryChanged(`${named.file} is not what leaf ${named.leaf} has the hash of.`);
      }
      await spools.put(named.file, sources.hashed, content);
    }
  }
  const [first] = missing;
  if (first === undefined) return;
  const { file, leaf } = wanted.get(first) ?? { file: first, leaf: 0 };
  throw new HistoryChanged(`What leaf ${leaf} has the hash of is not there any more: ${file}.`);
}

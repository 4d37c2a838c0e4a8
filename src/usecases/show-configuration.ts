import { policyInForce } from '../store/policies.ts';
import { type Administrator, type Done, look, unlessEveryTenant } from './administer.ts';
import type { Context, Refused, Work } from './context.ts';

export interface ConfigurationInForce {
  epoch: number;
  /** SHA-256 of the text, hexadecimal: the one that is on each grant. */
  hash: string;
  adoptedAt: string;
  text: string;
}

/** The configuration that is in force, as it was read. */
export const showConfiguration = (
  context: Context,
  { by }: { by: Administrator },
  work: Work,
): Promise<Done<ConfigurationInForce> | Refused> =>
  look<ConfigurationInForce>(
    context,
    {
      ...{ verb: 'show the configuration', by, about: null },
      decide: async (tx) => {
        const refusal = unlessEveryTenant(by);
        if (refusal) return refusal;
        const found = await policyInForce(tx);
        if (!found) throw new Error('No configuration is in force.');
        const { epoch, hash, text, adoptedAt } = found;
        return { epoch, hash, adoptedAt: adoptedAt.toISOString(), text };
      },
    },
    work,
  );

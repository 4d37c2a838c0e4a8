import { onTestFinished } from 'vitest';
import { openChecks } from '../../src/store/checks/open.ts';
import type { CheckDesk } from '../../src/usecases/check.ts';
import type { Office } from './office.ts';

/** Where checks are answered, by the configuration that this office has now. */
export function deskOf({ db, context }: Office): CheckDesk {
  const { inForce } = context;
  const checks = openChecks({ url: db.url('app') });
  onTestFinished(() => checks.close());
  return { checks, inForce, defaultIssuer: null, used: () => {} };
}

import type pg from 'pg';
import { parseSettings } from '../src/config/settings.ts';
import { inForceOf } from '../src/in-force.ts';
import { openDatabase } from '../src/store/database.ts';
import { createDatabase } from '../src/store/embedded/bootstrap.ts';
import type { EmbeddedServer } from '../src/store/embedded/server.ts';
import { migrate } from '../src/store/migrations/migrate.ts';
import { adoptPolicy } from '../src/usecases/adopt-policy.ts';
import type { Context } from '../src/usecases/context.ts';
import { refusalLog } from '../src/usecases/refusal-log.ts';
import { aSession, type Bench } from './harness.ts';

/** The use cases on a database of their own, without a process of the bot around them. */
export interface Office {
  context: Context;
  /** The superuser: sees everything, and may write what could not have happened. */
  admin: pg.Client;
  adminUrl: string;
}

/** A configuration with so many tenants, each with a channel, and so many operators. */
export function configurationOf(tenants: number, operators: number): string {
  return `slack: { team: T0HOME }
channels: { security: C0SECURITY, ops: C0OPS }
tickets: { pattern: '^[A-Z]+-[0-9]+$' }
roles:
  operator: { people: [${names('U0OPERATOR', operators).join(', ')}] }
  ops: { people: [U0PETRA] }
  security: { people: [U0SAM] }
tenants:
${names('', tenants)
  .map((n) => `  - { key: tenant-${n}, name: Tenant ${n}, channel: C0TENANT${n}, owners: [U0ANNA] }`)
  .join('\n')}
schedules: { digest: null }
`;
}

export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

export async function anOffice(bench: Bench, server: EmbeddedServer, name: string, yaml: string): Promise<Office> {
  await migrate(await createDatabase(server, name));
  const db = openDatabase({ url: server.url(name, 'breakglass_app') });
  bench.onEnd(() => db.close());
  const settings = parseSettings(yaml, 'breakglass.yml');
  const epoch = await adoptPolicy(db, settings, () => null, 'bench');
  const inForce = inForceOf(settings, epoch);
  const refusals = refusalLog(db, (error) => bench.say(`a refusal could not be recorded: ${error}`));
  const adminUrl = server.url(name);
  return { context: { db, inForce: () => inForce, refusals }, admin: await aSession(bench, adminUrl), adminUrl };
}

import { ConfigurationError } from './config/mistakes.ts';
import { parseSettings, policyOf, type Settings } from './config/settings.ts';
import { asOneWork, type Log } from './log.ts';
import type { Database } from './store/database.ts';
import { policyInForce } from './store/policies.ts';
import { adoptPolicy } from './usecases/adopt-policy.ts';
import type { InForce } from './usecases/context.ts';

/** The configuration this process decides by, and how it becomes another one. */
export interface CurrentPolicy {
  settings(): Settings;
  inForce(): InForce;
  /** Reads the file again and puts it in force. A broken file is refused, line by line in the log, and the old one stays. */
  reload(): Promise<boolean>;
  /** Somebody put a configuration in force: take it over if our file is that one by now; else decide nothing until it is. */
  follow(): Promise<void>;
}

/** Puts the first configuration in force. `read` gives the file as it is now. */
export async function putInForce(
  db: Database,
  first: Settings,
  read: () => Settings,
  log: Log,
): Promise<CurrentPolicy> {
  let settings = first;
  let inForce = await adopt(db, first);

  const take = async (next: Settings): Promise<void> => {
    const adopted = await adopt(db, next);
    settings = next;
    inForce = adopted;
    log.info({ policy: next.hash, epoch: adopted.epoch }, 'configuration in force');
  };
  const readNow = (): Settings | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      for (const line of error.lines)
        log.error({ mistake: line }, 'the configuration was refused; the one before stays in force');
      return null;
    }
  };
  return {
    settings: () => settings,
    inForce: () => inForce,
    reload: async () => {
      const next = readNow();
      if (next) await take(next);
      return next !== null;
    },
    follow: async () => {
      const now = await db.acrossTenants('which policy is in force', policyInForce);
      if (now === null || now.epoch === inForce.epoch) return;
      const next = readNow();
      if (next?.hash === now.hash) return take(next);
      log.warn(
        { ours: inForce.epoch, in_force: now.epoch },
        'another configuration is in force; this process decides nothing until it has it too',
      );
    },
  };
}

async function adopt(db: Database, settings: Settings): Promise<InForce> {
  const epoch = await asOneWork((requestId) => adoptPolicy(db, settings, readable, requestId));
  return inForceOf(settings, epoch);
}

/** What the use cases need of a configuration. */
export const inForceOf = (settings: Settings, epoch: number): InForce => ({
  epoch,
  policy: policyOf(settings),
  channels: settings.channels,
  file: {
    team: settings.team,
    tenants: new Set(settings.tenants.map(({ key }) => key)),
    digest: settings.schedules.digest,
    deadAfterMinutes: settings.notices.deadAfterMinutes,
  },
});

/** A configuration of an earlier version may be one that we would not take any more. */
function readable(text: string): Settings | null {
  try {
    return parseSettings(text, 'the configuration before');
  } catch {
    return null;
  }
}

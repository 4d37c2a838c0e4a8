import pg from 'pg';
import type { Tx } from './database.ts';
import { patientFor } from './socket.ts';

export type Bell =
  | 'breakglass_outbox'
  | 'breakglass_clock'
  | 'breakglass_tenants'
  | 'breakglass_policy'
  | 'breakglass_reload'
  | 'breakglass_channels'
  | 'breakglass_schedules';

export interface Listener {
  close(): Promise<void>;
}

/** Milliseconds. A line that is quiet by its nature is asked now and then whether it still leads anywhere. */
const limits = { connect: 2_000, silence: 6_000, heartbeat: 4_000, again: 1_000, goodbye: 1_000 };

/**
 * Rings when another transaction committed something of interest. A bell only saves waiting: whoever listens also looks
 * on a schedule, so a lost connection delays and loses nothing. After each (re)connection every bell rings once.
 * @param onTrouble told once of each interruption, however many tries it takes to get back
 * @param onBack told when an interruption is over
 */
export function listen(
  url: string,
  bells: Readonly<Record<Bell, () => void>>,
  onTrouble: (error: Error) => void,
  onBack: () => void = () => {},
): Listener {
  let closed = false;
  let interrupted = false;
  let line: Line | undefined;
  let retry: NodeJS.Timeout | undefined;

  const lost = (from: Line, error: Error): void => {
    if (closed || from !== line) return;
    line = undefined;
    from.hangUp();
    if (!interrupted) onTrouble(error);
    interrupted = true;
    retry = setTimeout(start, limits.again);
  };
  const start = (): void => {
    const fresh = openLine(url, bells, (error) => lost(fresh, error));
    line = fresh;
    fresh.ready.then(
      () => {
        if (closed || fresh !== line) return;
        if (interrupted) onBack();
        interrupted = false;
        // News may have been missed; a call for a reload is no news, and nobody made one.
        for (const [name, ring] of Object.entries(bells)) if (name !== 'breakglass_reload') ring();
      },
      (error: Error) => lost(fresh, error),
    );
  };

  start();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await line?.hangUp();
    },
  };
}

interface Line {
  /** Resolves when every bell is listened for. */
  ready: Promise<void>;
  /** Ends the connection; a server that does not answer is left after a moment. */
  hangUp(): Promise<void>;
}

function openLine(url: string, bells: Readonly<Record<Bell, () => void>>, onLost: (error: Error) => void): Line {
  const socket = patientFor(limits.silence);
  const client = new pg.Client({
    connectionString: url,
    application_name: 'breakglass listener',
    connectionTimeoutMillis: limits.connect,
    stream: () => socket,
  });
  let heartbeat: NodeJS.Timeout | undefined;
  let gone = false;
  const beat = (): void => {
    if (gone) return; // the answer to the last heartbeat came after the goodbye
    heartbeat = setTimeout(() => void client.query('select').then(beat, onLost), limits.heartbeat);
  };
  client.on('notification', ({ channel }) => {
    if (channel in bells) bells[channel as Bell]();
  });
  client.on('error', onLost);
  client.once('end', () => onLost(new Error('The database ended the connection.')));
  const listening = async (): Promise<void> => {
    await client.connect();
    for (const name of Object.keys(bells)) {
      if (gone) return;
      await client.query(`listen ${name}`);
    }
    beat();
  };
  return {
    ready: listening(),
    hangUp: async () => {
      gone = true;
      clearTimeout(heartbeat);
      socket.setTimeout(limits.goodbye);
      await client.end().catch(() => {});
    },
  };
}

/** Asks every process on this database to read its configuration again. */
export async function callForReload(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: limits.connect,
    stream: () => patientFor(limits.connect),
  });
  client.on('error', () => {}); // the query below reports it; an error that nobody listens for ends the process
  await client.connect();
  await client.query('notify breakglass_reload').finally(() => client.end());
}

/** Slack tells one process that a channel is shared now: the others hear it by this, at commit. */
export const tellOfSharedChannel = (tx: Tx) => tx.$executeRaw`select pg_notify('breakglass_channels', '')`;

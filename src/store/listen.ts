import pg from 'pg';

export type Bell =
  | 'breakglass_outbox'
  | 'breakglass_clock'
  | 'breakglass_tenants'
  | 'breakglass_policy'
  | 'breakglass_reload'
  | 'breakglass_schedules';

export interface Listener {
  close(): Promise<void>;
}

/**
 * Rings when another transaction committed something of interest. A bell only saves waiting: whoever listens also looks
 * on a schedule, so a lost connection delays and loses nothing. After each (re)connection every bell rings once.
 */
export function listen(
  url: string,
  bells: Readonly<Record<Bell, () => void>>,
  onTrouble: (error: Error) => void,
): Listener {
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, application_name: 'breakglass listener', keepAlive: true });
    client = fresh;
    fresh.on('notification', ({ channel }) => {
      if (channel in bells) bells[channel as Bell]();
    });
    fresh.on('error', onTrouble);
    fresh.once('end', () => again(fresh));
    await fresh.connect();
    for (const name of Object.keys(bells)) await fresh.query(`listen ${name}`);
    // News may have been missed; a call for a reload is no news, and nobody made one.
    for (const [name, ring] of Object.entries(bells)) if (name !== 'breakglass_reload') ring();
  };
  const again = (from: pg.Client): void => {
    if (closed || from !== client || retry) return;
    retry = setTimeout(() => {
      retry = undefined;
      start();
    }, 1_000);
  };
  const start = (): void => {
    connect().catch((error: Error) => {
      onTrouble(error);
      if (client) again(client);
    });
  };

  start();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}

/** Asks every process on this database to read its configuration again. */
export async function callForReload(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('notify breakglass_reload').finally(() => client.end());
}

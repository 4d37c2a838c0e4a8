import { Socket } from 'node:net';

/**
 * Nobody knows what became of the last statement. Its connection is gone, so nothing follows it: what was not committed
 * never will be, unless the COMMIT itself was sent. A frozen server that has it in its buffer carries it out when it thaws.
 */
export class SilentDatabase extends Error {
  override name = 'SilentDatabase';
}

/**
 * A socket to PostgreSQL that gives up on a server that says nothing. The server's own timeouts need a server that runs
 * and a network that carries: behind a firewall that drops, or with a host that hangs, nobody else ends the wait.
 * @param silenceMs longer than any statement may take, and than the connection is ever kept unused
 */
export function patientFor(silenceMs: number): Socket {
  const socket = new Socket();
  socket.setTimeout(silenceMs, () =>
    socket.destroy(new SilentDatabase(`The database said nothing for ${silenceMs} ms.`)),
  );
  return socket;
}

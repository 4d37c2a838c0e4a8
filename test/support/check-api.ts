import { defaultActions, defaultScopes } from '../../src/config/catalogue.ts';
import { byKey } from '../../src/http/identity/keys.ts';
import { wrongTries } from '../../src/http/identity/wrong-tries.ts';
import { startApi } from '../../src/http/server.ts';
import { openChecks } from '../../src/store/checks/open.ts';

/**
 * The API alone, in a process of its own. Arguments: the database's address, the epoch in force. Says its port on
 * stdout; goes when stdin closes.
 */
const [url = '', epoch = ''] = process.argv.slice(2);
const inForce = {
  epoch: Number(epoch),
  policy: { hash: '', ticketPattern: /./, scopes: defaultScopes, actions: defaultActions },
  channels: { security: 'C0SECURITY', ops: 'C0OPS' },
  file: { team: 'T0HOME', tenants: new Set<string>(), digest: null, deadAfterMinutes: 4_320 },
};
const checks = openChecks({ url });
const api = await startApi(
  {
    desk: { checks, inForce: () => inForce, defaultIssuer: null, used: () => {} },
    door: { authenticate: byKey(checks), tries: wrongTries() },
    health: { notReady: async () => [] },
    publicUrl: null,
    trouble: { outage: () => {}, defect: () => {} },
    v1: null,
  },
  { port: 0, host: '127.0.0.1' },
);
process.stdout.write(`${api.port}\n`);
process.stdin.resume().once('end', async () => {
  await api.stop();
  await checks.close();
});

import { randomBytes } from 'node:crypto';
import { createGuard } from 'breakglass-bot/guard';
import { contentService } from './service.ts';
import { sessionsWith } from './session.ts';

const { BREAKGLASS_URL = 'http://127.0.0.1:8080', BREAKGLASS_KEY = '', PORT = '4000' } = process.env;
const [operator = 'slack:T0HOME:U0OLIVIA'] = process.argv.slice(2);

const guard = createGuard({
  url: BREAKGLASS_URL,
  key: BREAKGLASS_KEY,
  onUnavailable: ({ why, status }) => process.stderr.write(`Breakglass can't be asked: ${status ?? why}\n`),
});
const sessions = sessionsWith(randomBytes(32).toString('hex'));
const app = contentService({ guard, sessions });

const address = await app.listen({ host: '127.0.0.1', port: Number(PORT) });
process.stdout.write(`Listening on ${address}. An hour's session of ${operator}:\n${sessions.open(operator, 60)}\n`);

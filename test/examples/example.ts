import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** The example as `npm run example` starts it. */
export interface Example {
  request(method: string, path: string, body?: object, session?: string): Promise<Response>;
  /** What it wrote for whoever runs it. */
  log(): string;
  stop(): Promise<void>;
}

export async function startExample({ url, key }: { url: string; key: string }): Promise<Example> {
  const command = ['--conditions=breakglass-source', '--import', 'tsx', 'examples/content-service/main.ts'];
  const env = { PATH: process.env.PATH, BREAKGLASS_URL: url, BREAKGLASS_KEY: key, PORT: '0' };
  const child = spawn(process.execPath, command, { env, stdio: 'pipe' });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.on('data', (chunk) => {
    log += chunk;
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const [listening, printed] = [await lines.next(), await lines.next()].map(({ value }) => String(value));
  const address = /http:\S+(?=\.)/.exec(listening ?? '')?.[0];
  if (!address) throw new Error(`The example did not start: ${log}`);
  return {
    request: (method, path, body, session = printed) =>
      fetch(`${address}${path}`, {
        method,
        headers: { authorization: `Bearer ${session}`, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    log: () => log,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

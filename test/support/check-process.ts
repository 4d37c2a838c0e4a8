import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The API in a process of its own. */
export interface CheckProcess {
  url: string;
  /** At once, without a word to anybody. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** @param skewMs by how much the clock of its machine is wrong */
export async function startCheckProcess(databaseUrl: string, epoch: number, skewMs = 0): Promise<CheckProcess> {
  const modules = ['tsx', ...(skewMs === 0 ? [] : [fileOf('skewed-clock.ts')])];
  const flags = modules.flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...flags, fileOf('check-api.ts'), databaseUrl, String(epoch)], {
    env: { PATH: process.env.PATH, SKEW_MS: String(skewMs) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  const [port] = await Promise.race([
    once(createInterface(child.stdout), 'line'),
    gone.then(([code]) => Promise.reject(new Error(`The API did not start (exit code ${code}).`))),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      child.stdin.end();
      await gone;
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endWithUs } from '../src/store/embedded/server.ts';

/** The real bot, in a process of its own. */
export interface BotProcess {
  slackUrl: string;
  apiUrl: string;
  /** Its JSON log lines so far. */
  lines: readonly string[];
  /** Resolves when the process is gone, however. */
  gone: Promise<void>;
  stop(): Promise<void>;
}

type Environment = Readonly<Record<string, string>>;

/** Starts `src/main.ts` as `npm start` would (or another entry), and waits until it says that it is ready. */
export async function startBotProcess(
  environment: Environment,
  entry: readonly string[] = ['src/main.ts'],
): Promise<BotProcess> {
  const { ready, ...launched } = launchBot(environment, entry);
  return { ...(await ready), ...launched };
}

/** A bot that was started and may not be ready yet. */
export interface LaunchedBot extends Pick<BotProcess, 'lines' | 'gone' | 'stop'> {
  /** Where it listens. Rejects when it went before it was ready; nothing of it is left then. */
  ready: Promise<Pick<BotProcess, 'slackUrl' | 'apiUrl'>>;
  /** Ends it at once, without a chance to clean up. */
  kill(): Promise<void>;
}

export function launchBot(environment: Environment, entry: readonly string[] = ['src/main.ts']): LaunchedBot {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', ...entry], {
    cwd: root,
    env: { PATH: process.env.PATH, SLACK_PORT: '0', API_PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C reaches the sandbox, which stops the bot in its turn.
    detached: true,
  });
  const watchdog = endWithUs(child);
  child.once('exit', () => watchdog.kill()); // however it went; its number may be somebody else's soon
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve())); // and its last line was read
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  const lines: string[] = [];
  const ready = readyLine(child, lines).then(
    (ports) => ({
      slackUrl: `http://127.0.0.1:${ports.slack_port}/slack/events`,
      apiUrl: `http://127.0.0.1:${ports.api_port}`,
    }),
    async (error: unknown) => {
      await end('SIGTERM');
      throw error;
    },
  );
  return { ready, lines, gone, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

function readyLine(child: ChildProcess, lines: string[]): Promise<{ slack_port: number; api_port: number }> {
  return new Promise((resolve, reject) => {
    if (!child.stdout || !child.stderr) return reject(new Error('The bot has no output.'));
    let complaints = '';
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('"msg":"ready"')) resolve(JSON.parse(line));
    });
    child.once('close', (code) => reject(new Error(`The bot did not start (exit code ${code}): ${complaints.trim()}`)));
  });
}

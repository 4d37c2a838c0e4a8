import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { isFree } from './free-ports.ts';
import { introduce } from './introduction.ts';
import { type PageServer, PortTaken, startPage } from './page/server/page.ts';
import { runPrompt } from './prompt.ts';
import { type Stack, startStack } from './stack.ts';
import { narrator } from './tour/narrator.ts';
import { playTour, tourMorning } from './tour.ts';

const usage = `Usage: npm run sandbox -- [--port N] [--tour] [--replicas N] [--tenants N]

Starts a PostgreSQL, a Slack of its own and the bot on this machine, all of it gone afterwards.

  (nothing)   a page in the browser, and a prompt, where you act as anybody in the cast
  --port      where the page is, 3030 unless told; 0 picks a free port
  --tour      play every journey, check each step, print the transcript; exit code 1 where a step differs
  --replicas  so many bots on one database behind a round-robin, 1 to 9; with or without the tour
  --tenants   so many tenants beside the three of the cast, 0 to 500; beyond 97 the form searches them
  --help      this text
`;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const codeOf = (signal: (typeof signals)[number]): number => 128 + constants.signals[signal];

/** Launchers pass a signal on that a terminal has sent to us as well: that is not a second one (ms). */
const SAME_SIGNAL_MS = 300;
/** How often we look whether whoever started us is still there: a launcher that is killed says nothing (ms). */
const LOOK_UP_MS = 1_000;

/** The first signal asks everything to stop in order; at the second we leave, and the watchdogs end what is left. */
function onSignals(): { leaving: AbortSignal; left: () => number } {
  const controller = new AbortController();
  let left = 0;
  let at = 0;
  const leave = (signal: (typeof signals)[number]): void => {
    if (!controller.signal.aborted) {
      at = performance.now();
      left = codeOf(signal);
      process.stderr.write('\nStopping.\n');
      controller.abort();
    } else if (performance.now() - at > SAME_SIGNAL_MS) {
      process.exit(codeOf(signal));
    }
  };
  for (const signal of signals) process.on(signal, () => leave(signal));
  // Whoever started us is gone, or whoever read what we print.
  const alone = () => controller.signal.aborted || leave('SIGHUP');
  const launcher = process.ppid;
  setInterval(() => process.ppid === launcher || alone(), LOOK_UP_MS).unref();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', alone);
  return { leaving: controller.signal, left: () => left };
}

interface Options {
  tour: boolean;
  help: boolean;
  replicas: number;
  tenants: number;
  /** Undefined where nobody asked for one. */
  port: number | undefined;
}

const PORT = 3030;

function options(): Options {
  const { values } = parseArgs({
    options: {
      tour: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      replicas: { type: 'string', default: '1' },
      tenants: { type: 'string', default: '0' },
      port: { type: 'string' },
    },
  });
  return {
    ...values,
    replicas: numberIn('--replicas', values.replicas, 1, 9),
    tenants: numberIn('--tenants', values.tenants, 0, 500),
    port: portIn(values.port),
  };
}

/** Below 1024 browsers leave the port out of the name that the page is called by, and systems ask for more rights. */
function portIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return text === '0' ? 0 : numberIn('--port', text, 1_024, 65_535, '0 or ');
}

function numberIn(option: string, text: string, least: number, most: number, or = ''): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option}: expected ${or}a number from ${least} to ${most}, found ${JSON.stringify(text)}`);
}

/** A port that somebody named is that one or none, which is known before anything starts. */
async function mayHave(named: number | undefined): Promise<void> {
  if (!named || (await isFree(named))) return;
  throw new Error(`Port ${named} is taken. Name another one, or 0 for any that is free.`);
}

/** Where nobody named a port, another one is as good. */
async function pageOf(stack: Stack, named: number | undefined): Promise<PageServer> {
  try {
    return await startPage(stack, { port: named ?? PORT });
  } catch (error) {
    if (named !== undefined || !(error instanceof PortTaken)) throw error;
    print(`Port ${PORT} is taken, so the page gets another one.`);
    return startPage(stack, { port: 0 });
  }
}

const print = (line: string) => process.stdout.write(`${line}\n`);

/** The last of what the bot itself warned of, for whoever looks into a tour that stopped. */
const complaints = ({ bots }: Stack): string[] =>
  bots
    .flatMap(({ lines }) => lines)
    .filter((line) => /"level":[456]0/.test(line))
    .slice(-5)
    .map((line) => `The bot warned: ${line}`);

/** A terminal, a pipe or a file of lines; not a service manager, which gives us nothing to read. */
function someoneTypes(): boolean {
  if (process.stdin.isTTY) return true;
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
}

/** @returns the exit code */
async function run(chosen: Options, leaving: AbortSignal): Promise<number> {
  const { tour, replicas, tenants } = chosen;
  const left = new Promise<number>((resolve) => {
    leaving.addEventListener('abort', () => resolve(0), { once: true });
  });
  if (!tour) await mayHave(chosen.port);
  const morning = tour ? { startsAt: tourMorning() } : {};
  const stack = await startStack({ signal: leaving, replicas, tenants, signIns: !tour, ...morning });
  try {
    return await (tour ? onTour(stack, leaving, left) : onPage(stack, chosen.port, leaving, left));
  } finally {
    await stack.stop();
  }
}

function onTour(stack: Stack, leaving: AbortSignal, left: Promise<number>): Promise<number> {
  const colours = process.stdout.isTTY && process.env.NO_COLOR === undefined;
  const unlessLeaving = (line: string) => leaving.aborted || print(line);
  const played = playTour(stack, narrator(unlessLeaving, colours)).then((well) => {
    if (!well) for (const line of complaints(stack)) unlessLeaving(line);
    return well ? 0 : 1;
  });
  return Promise.race([played, left]);
}

async function onPage(
  stack: Stack,
  port: number | undefined,
  leaving: AbortSignal,
  left: Promise<number>,
): Promise<number> {
  const page = await pageOf(stack, port);
  try {
    leaving.throwIfAborted();
    const prompt = someoneTypes();
    introduce(stack, page.url, prompt, print);
    return await (prompt ? Promise.race([runPrompt({ ...stack, print }, leaving).then(() => 0), left]) : left);
  } finally {
    await page.stop();
  }
}

async function main(): Promise<number> {
  let chosen: Options;
  try {
    chosen = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  if (chosen.help) {
    print(usage);
    return 0;
  }
  const { leaving, left } = onSignals();
  const code = await run(chosen, leaving).catch((error: unknown) => {
    if (leaving.aborted) return 0;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  });
  // Who leaves the prompt is done; who leaves a tour has not seen it through.
  return leaving.aborted && chosen.tour ? left() : code;
}

process.exit(await main());

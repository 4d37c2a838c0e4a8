import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { cast, channels } from './cast.ts';
import { isFree } from './free-ports.ts';
import { startPage } from './page/server/page.ts';
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
    port: values.port === undefined ? undefined : numberIn('--port', values.port, 0, 65_535),
  };
}

function numberIn(option: string, text: string, least: number, most: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option}: expected a number from ${least} to ${most}, found ${JSON.stringify(text)}`);
}

/** Known before anything starts. A port that somebody named is that one or none. */
async function pagePort(named: number | undefined): Promise<number> {
  if (named === 0 || (await isFree(named ?? PORT))) return named ?? PORT;
  if (named !== undefined) throw new Error(`Port ${named} is taken. Name another one, or 0 for any that is free.`);
  print(`Port ${PORT} is taken, so the page gets another one.`);
  return 0;
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function introduce(stack: Stack, page: string, prompt: boolean): void {
  const { slack, bots, slackUrl, adminUrl } = stack;
  const nameOf = new Map(Object.values(cast).map(({ id, name }) => [id, name]));
  print(`
The sandbox is running, on this machine only.

  page             ${page}
  bot, for Slack   ${slackUrl}${bots.length > 1 ? `, in turn to ${bots.length} replicas` : ''}
  bot, its API     ${bots.map(({ apiUrl }) => apiUrl).join('\n                   ')}
  local Slack      ${slack.apiUrl}
  database         ${adminUrl}

Who is there
`);
  for (const { id, name, is } of Object.values(cast)) print(`  ${name.padEnd(8)}${id.padEnd(10)}${is}`);
  print('\nWhere\n');
  for (const { name, members } of Object.values(channels))
    print(`  #${name.padEnd(16)}${members.length > 8 ? 'everybody' : members.map((id) => nameOf.get(id)).join(', ')}`);
  introduceService(stack);
  introduceSeal(stack);
  introduceSignIns(stack);
  print(`
The tour plays and checks every journey: npm run sandbox -- --tour

Open ${page} in a browser. ${prompt ? 'Or act as anybody at this prompt: type help.' : 'Ctrl-C stops all of it.'}
`);
}

function introduceService({ bots, service }: Stack): void {
  print(`
How a service asks

  where  ${service.url}${bots.length > 1 ? ', the first of the bots' : ''}
  key    ${service.key}
         for all tenants, subjects and actions, until this stops

  ${service.byHand({ who: 'olivia', action: 'content.read', tenant: 'acme' })}`);
}

function introduceSeal({ adminUrl, sealKey }: Stack): void {
  print(`
How the audit trail is verified: with this public key, made for this sandbox

  DATABASE_URL=${adminUrl} npx tsx src/cli.ts verify --key ${sealKey}`);
}

function introduceSignIns({ bots, provider }: Stack): void {
  if (provider === null) return;
  const variables = { BREAKGLASS_URL: bots[0]?.apiUrl, ...provider.commandLine };
  const assigned = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  print(`
Who signs in, in a browser: whom they choose at the sandbox's own identity provider, without a password

  in Slack          /breakglass link, /breakglass unlink; an approval of "Create platform owner" wants a fresh sign-in,
                    which Petra and Sam can give at once, and everybody else a day after they linked themselves
  the command line  ${assigned.join(' ')} npx tsx src/cli.ts sign-in`);
}

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
  const port = tour ? 0 : await pagePort(chosen.port);
  const morning = tour ? { startsAt: tourMorning() } : {};
  const stack = await startStack({ signal: leaving, replicas, tenants, signIns: !tour, ...morning });
  try {
    return await (tour ? onTour(stack, leaving, left) : onPage(stack, port, leaving, left));
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

async function onPage(stack: Stack, port: number, leaving: AbortSignal, left: Promise<number>): Promise<number> {
  const page = await startPage(stack, { port });
  try {
    leaving.throwIfAborted();
    const prompt = someoneTypes();
    introduce(stack, page.url, prompt);
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

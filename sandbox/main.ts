import { fstatSync } from 'node:fs';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { cast, channels } from './cast.ts';
import { runPrompt } from './prompt.ts';
import { type Stack, startStack } from './stack.ts';
import { narrator } from './tour/narrator.ts';
import { playTour, tourMorning } from './tour.ts';

const usage = `Usage: npm run sandbox -- [--tour] [--replicas N]

Starts a PostgreSQL, a Slack of its own and the bot on this machine, all of it gone afterwards.

  (nothing)   a prompt where you act as anybody in the cast
  --tour      play every journey, check each step, print the transcript; exit code 1 where a step differs
  --replicas  so many bots on one database behind a round-robin, 1 to 9; with or without the tour
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
}

function options(): Options {
  const { values } = parseArgs({
    options: {
      tour: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      replicas: { type: 'string', default: '1' },
    },
  });
  if (!/^[1-9]$/.test(values.replicas)) {
    throw new Error(`--replicas: expected a number from 1 to 9, found ${JSON.stringify(values.replicas)}`);
  }
  return { ...values, replicas: Number(values.replicas) };
}

const print = (line: string) => process.stdout.write(`${line}\n`);

function introduce(stack: Stack, prompt: boolean): void {
  const { slack, bots, slackUrl, adminUrl } = stack;
  const nameOf = new Map(Object.values(cast).map(({ id, name }) => [id, name]));
  print(`
The sandbox is running, on this machine only.

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
  print(`
There is no page to click on yet. The tour plays and checks every journey: npm run sandbox -- --tour
${prompt ? 'Or act as anybody at this prompt: type help.' : 'Or start this in a terminal and act as anybody there. Ctrl-C stops it.'}
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
async function run({ tour, replicas }: Options, leaving: AbortSignal): Promise<number> {
  const left = new Promise<number>((resolve) => {
    leaving.addEventListener('abort', () => resolve(0), { once: true });
  });
  const stack = await startStack({ signal: leaving, replicas, ...(tour ? { startsAt: tourMorning() } : {}) });
  try {
    if (tour) {
      const colours = process.stdout.isTTY && process.env.NO_COLOR === undefined;
      const unlessLeaving = (line: string) => leaving.aborted || print(line);
      const played = playTour(stack, narrator(unlessLeaving, colours)).then((well) => {
        if (!well) for (const line of complaints(stack)) unlessLeaving(line);
        return well ? 0 : 1;
      });
      return await Promise.race([played, left]);
    }
    const prompt = someoneTypes();
    introduce(stack, prompt);
    return await (prompt ? Promise.race([runPrompt({ ...stack, print }, leaving).then(() => 0), left]) : left);
  } finally {
    await stack.stop();
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

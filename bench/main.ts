import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { approve } from './approve.ts';
import { checks } from './check.ts';
import { killed } from './checks-killed.ts';
import { storm } from './checks-storm.ts';
import { command } from './command.ts';
import { evidence } from './evidence.ts';
import { expiry } from './expiry.ts';
import { type Bench, type Figure, isSo, type Measurement } from './harness.ts';
import { asTable, machine, writeResults } from './results.ts';
import { sealing } from './seal.ts';
import { sweep } from './sweep.ts';

const measurements: readonly Measurement[] = [
  approve,
  checks,
  command,
  evidence,
  expiry,
  killed,
  sealing,
  storm,
  sweep,
];
const names = measurements.map(({ name }) => name);

const usage = `Usage: npm run bench -- [--only NAME]...

Measures each promise of speed against its limit, on a PostgreSQL and a local Slack of its own, all of it gone
afterwards. Figures go to bench/RESULTS.md. The exit code is 1 where a limit is missed, 2 where the call was wrong.

  (nothing)     everything, some minutes
  --only NAME   only this one; may be given several times. One of: ${names.join(', ')}
  --help        this text
`;

class Mistake extends Error {}

function chosen(): readonly Measurement[] | 'help' {
  const { only, help } = options();
  if (help) return 'help';
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Mistake(`There is no measurement "${unknown[0]}". There are: ${names.join(', ')}.`);
  return only.length === 0 ? measurements : measurements.filter(({ name }) => only.includes(name));
}

function options(): { only: string[]; help: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: 'string', multiple: true, default: [] },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Mistake(error instanceof Error ? error.message : String(error));
  }
}

const print = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

/** What is open, closed in reverse; also when somebody stops us in the middle. */
const closers: (() => Promise<unknown>)[] = [];
async function closeAll(): Promise<void> {
  for (let close = closers.pop(); close; close = closers.pop()) await close().catch(complain);
}

const leaving = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (leaving.signal.aborted) return;
    complain('\nStopping.');
    leaving.abort(new Error('stopped'));
    closeAll().finally(() => process.exit(128 + constants.signals[signal]));
  });
}

async function run(measurement: Measurement): Promise<boolean> {
  const { name, how } = measurement;
  print(`\n${name}: ${how}\n`);
  const figures = await figuresOf(measurement).finally(closeAll);
  print(asTable(figures));
  return figures.every(({ holds }) => holds !== false);
}

async function figuresOf(measurement: Measurement): Promise<Figure[]> {
  const bench: Bench = {
    onEnd: (close) => {
      // Opened while we are leaving: nobody comes back for it.
      if (leaving.signal.aborted) void close();
      else closers.push(close);
    },
    say: (progress) => complain(`  ${progress}`),
  };
  try {
    const { figures, postgres } = await measurement.measure(bench);
    writeResults(measurement, figures, machine(postgres));
    return figures;
  } catch (error) {
    if (leaving.signal.aborted) throw error;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    complain(why);
    return [isSo(`${measurement.name} could not be measured`, why.split('\n')[0] ?? '', '', false)];
  }
}

async function main(): Promise<number> {
  const wanted = chosen();
  if (wanted === 'help') {
    print(usage);
    return 0;
  }
  let good = true;
  for (const measurement of wanted) good = (await run(measurement)) && good;
  print(good ? '\nEvery limit holds.' : '\nA limit was missed.');
  return good ? 0 : 1;
}

main()
  .catch((error: unknown) => {
    if (leaving.signal.aborted) return new Promise<number>(() => {});
    complain(error instanceof Mistake ? `${error.message}\n\n${usage}` : String(error));
    return error instanceof Mistake ? 2 : 1;
  })
  .then((code) => process.exit(code));

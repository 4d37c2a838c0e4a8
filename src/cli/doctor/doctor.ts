import { readOfflineEnvironment } from '../../config.ts';
import { command } from '../command.ts';
import { exits } from '../exits.ts';
import { say, sayJson } from '../terminal.ts';
import { type Finding, looked, mistakes, type State } from './finding.ts';

/** Its checks open half of the product, which no other command should wait for. */
const checksOf = async () => ({
  ...(await import('./setup.ts')),
  ...(await import('./slack.ts')),
  ...(await import('./database.ts')),
  ...(await import('./reach.ts')),
});

export const doctor = command({
  name: 'doctor',
  with: 'database',
  says: 'look at configuration, Slack, database, API and provider, and say what to do',
  options: { json: { takes: null, says: 'the findings as one JSON document' } },
  notes: [
    'Reads the environment of the bot. Each line is ok, warning, problem, or unknown where it could not be looked at.',
    'Exit codes: 0 no problem, 1 a problem.',
  ],
  run: async ({ options }) => {
    const findings = await examined();
    const bad = findings.some(({ state }) => state === 'problem');
    if (options.json) sayJson({ healthy: !bad, findings });
    else say([...findings.map(lineOf), '', summaryOf(findings)].join('\n'));
    return bad ? exits.refused : exits.done;
  },
});

async function examined(): Promise<Finding[]> {
  let offline: ReturnType<typeof readOfflineEnvironment>;
  try {
    offline = readOfflineEnvironment();
  } catch (error) {
    const found = mistakes('environment', error);
    if (found === null) throw error;
    return found;
  }
  const checks = await checksOf();
  const { settings, findings } = checks.readFile(offline);
  const [configured, slack, database, provider] = await Promise.all([
    settings === null ? [] : looked('configuration', () => checks.lookAtConfiguration(settings, offline)),
    looked('slack', () => checks.lookAtSlack(offline.slack, settings?.team ?? null)),
    checks.lookAtDatabase(offline).catch((error: unknown) => ({
      findings: mistakes('database', error) ?? raise(error),
      aheadMs: null,
    })),
    looked('identity provider', () => checks.lookAtProvider(offline)),
  ]);
  const api = await looked('api', () => checks.lookAtApi(offline, database.aheadMs));
  return [
    ...checks.lookAtEnvironment(),
    ...findings,
    ...configured,
    ...slack,
    ...database.findings,
    ...api,
    ...provider,
  ];
}

function raise(error: unknown): never {
  throw error;
}

const width = Math.max(...(['ok', 'warning', 'problem', 'unknown'] satisfies State[]).map(({ length }) => length));

const lineOf = ({ state, what, found, do: todo }: Finding): string =>
  `${state.padEnd(width)}  ${what}: ${found}${todo === null ? '' : `\n${' '.repeat(width)}  -> ${todo}`}`;

function summaryOf(findings: readonly Finding[]): string {
  const count = (state: State): number => findings.filter((each) => each.state === state).length;
  const counted = (state: State): string => `${count(state)} ${state}${count(state) === 1 ? '' : 's'}`;
  return `${counted('problem')}, ${counted('warning')}, ${count('unknown')} not looked at, ${count('ok')} in order.`;
}

import { ConfigurationError, EXIT_CONFIGURATION } from './config/mistakes.ts';

/** Ends a start that can't be: a line a mistake on stderr, no stack trace, exit code 78 for a wrong configuration. */
export function failStart(error: unknown): never {
  const said =
    error instanceof ConfigurationError ? error.lines : [error instanceof Error ? error.message : String(error)];
  for (const line of said) process.stderr.write(`${line}\n`);
  process.exit(error instanceof ConfigurationError ? EXIT_CONFIGURATION : 1);
}

/** Calls `stop` at the first SIGINT or SIGTERM; a second one leaves at once. */
export function onSignals(stop: () => Promise<void>): void {
  let stopping = false;
  const leave = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(signal === 'SIGINT' ? 130 : 143);
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', leave);
  process.on('SIGTERM', leave);
}

/** The exit code for a missing or wrong configuration (sysexits.h, EX_CONFIG). */
export const EXIT_CONFIGURATION = 78;

/** Somebody has to change a variable or the file; `lines` says what, a line a mistake. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly lines: readonly string[];
  constructor(all: readonly string[]) {
    super(all.join('\n'));
    this.lines = all;
  }
}

export const lines = (all: readonly string[]): ConfigurationError => new ConfigurationError(all);

/** The exit code for a missing or wrong configuration (sysexits.h, EX_CONFIG). */
export const EXIT_CONFIGURATION = 78;

/** Somebody has to change a variable or the file; `lines` says what, a line a mistake. */
export class ConfigurationError extends Error {
  override name = 'ConfigurationError';
  readonly lines: readonly string[];
  constructor(all: readonly string[]) {
    const lines = all.map(onOneLine);
    super(lines.join('\n'));
    this.lines = lines;
  }
}

/** What somebody wrote into a file or a variable may end no line and colour no terminal. */
const onOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');

export const lines = (all: readonly string[]): ConfigurationError => new ConfigurationError(all);

/** A bar that shows how far something is. */
export interface Progress {
  /** So much is done by now. */
  step(done: number): void;
  /** Nothing more is shown, and the line is free again. */
  end(): void;
}

const WIDE = 30;

/**
 * A bar on stderr where somebody looks at it; nothing where stderr is a file or a pipe. It is drawn anew for each percent
 * only, so that drawing costs nothing.
 * @param total how much there is; where that is not known, what was done is counted
 */
export function progress(total: number, words: string, out: NodeJS.WriteStream = process.stderr): Progress {
  if (!out.isTTY) return { step: () => {}, end: () => {} };
  let shown = '';
  const draw = (done: number): void => {
    const line =
      total > 0 ? barOf(Math.min(done / total, 1)) : (Math.floor(done / 1000) * 1000).toLocaleString('en-US');
    if (line === shown) return;
    shown = line;
    out.write(`\r${words} ${line}`);
  };
  draw(0);
  return {
    step: draw,
    end: () => void out.write('\r\u001b[K'),
  };
}

function barOf(part: number): string {
  const full = Math.floor(part * WIDE);
  return `[${'#'.repeat(full)}${'.'.repeat(WIDE - full)}] ${String(Math.floor(part * 100)).padStart(3)} %`;
}

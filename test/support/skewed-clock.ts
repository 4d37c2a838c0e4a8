/**
 * Loaded before a bot's process: its clock is off by SKEW_MS, as that of a machine whose time nobody keeps right. Only
 * the time of day; how long something takes stays as it is.
 */
const skew = Number(process.env.SKEW_MS ?? 0);
const RightDate = Date;

globalThis.Date = class extends RightDate {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(RightDate.now() + skew);
    else super(...(given as [number]));
  }
  static override now(): number {
    return RightDate.now() + skew;
  }
} as DateConstructor;

/**
 * What time it is on this machine (ms since 1970): for how old a file or a token here is, and to tell people how far the
 * clock is from others. No rule asks it.
 */
export const machineTime = (): number => Date.now();

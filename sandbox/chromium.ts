import { accessSync, constants } from 'node:fs';

/** Where Debian and others put it. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** What to do where there is none. */
export const NO_CHROMIUM =
  "No Chromium was found. Install Debian's package chromium, or name another by CHROMIUM_PATH.";

/**
 * The Chromium of this machine: the one that CHROMIUM_PATH names, else one in a usual place.
 *
 * @returns its path; undefined where there is none
 * @throws where CHROMIUM_PATH names something that can't be run
 */
export function findChromium(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const { CHROMIUM_PATH: named } = environment;
  if (!named) return usualPlaces.find(canRun);
  if (canRun(named)) return named;
  throw new Error(`CHROMIUM_PATH: expected a program that can be run, found ${JSON.stringify(named)}`);
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { parseArgs } from 'node:util';
import { verifyBundleCommand } from './verify-bundle.ts';
import { type Database, verifyDatabaseCommand } from './verify-database.ts';

/** Whether a FILE is named beside the options; without one it is the database that is meant. */
const namesFile = (args: readonly string[]): boolean =>
  parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: { key: { type: 'string' }, 'key-file': { type: 'string' }, checkpoint: { type: 'string' } },
  }).positionals.length > 0;

/** `verify FILE`: an export; `verify` alone: the database. @returns the exit code */
export const verifyCommand = (args: readonly string[], database: Database): Promise<number> =>
  namesFile(args) ? verifyBundleCommand(args) : verifyDatabaseCommand(args, database);

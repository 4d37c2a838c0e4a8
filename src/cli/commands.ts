import { approve } from './api/approve.ts';
import { check } from './api/check.ts';
import { showConfiguration } from './api/configuration.ts';
import { jobCommands } from './api/jobs.ts';
import { keyCommands } from './api/keys.ts';
import { request } from './api/request.ts';
import { review } from './api/review.ts';
import { scheduleCommands } from './api/schedules.ts';
import { signInCommands } from './api/sign-in.ts';
import { status, watch } from './api/status.ts';
import { tenantCommands } from './api/tenants.ts';
import { verbCommands } from './api/verbs.ts';
import type { Command } from './command.ts';
import { databaseCommands } from './database-commands.ts';
import { doctor } from './doctor/doctor.ts';
import { offlineCommands } from './offline-commands.ts';

/** Every command, on one screen. Usage, help and completions are made of this list. */
export const commands: readonly Command[] = [
  ...signInCommands,
  request,
  approve,
  ...verbCommands,
  review,
  status,
  watch,
  check,
  ...tenantCommands,
  ...keyCommands,
  ...scheduleCommands,
  ...jobCommands,
  showConfiguration,
  doctor,
  ...databaseCommands,
  ...offlineCommands,
];

/** The command that these words name, and what is behind it; null where there is none. */
export function commandIn(words: readonly string[]): { command: Command; rest: readonly string[] } | null {
  for (const length of [2, 1]) {
    const found = commands.find(({ name }) => name === words.slice(0, length).join(' '));
    if (found) return { command: found, rest: words.slice(length) };
  }
  return null;
}

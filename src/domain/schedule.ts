/** What can be sent at a time of day. What the product promises happens without a schedule, and can't be scheduled away. */
export const scheduleJobs = ['digest', 'open_reviews', 'checkpoint'] as const;
export type ScheduleJob = (typeof scheduleJobs)[number];

/** So many may be kept beside the file's: each of them reads the history of everybody. */
export const schedulesMost = 50;
export const SCHEDULES_EXPECTED = `${schedulesMost} schedules or fewer`;

/** Once an hour at most: the minute is one number. */
export const isHourlyAtMost = (cron: string): boolean => /^\s*\d{1,2}\s/.test(cron);
export const HOURLY_EXPECTED = 'one minute of the hour, as in 0 8 * * *: no schedule runs more often than hourly';

/** What goes to a channel by a schedule is of every tenant. */
export const NO_OWNERS_EXPECTED = "a channel that is no tenant's";

/** The file's own schedule, by its name. */
export const FILE_SCHEDULE = 'digest';

export interface Schedule {
  name: string;
  job: ScheduleJob;
  /** Five fields. */
  cron: string;
  timezone: string;
  /** Where it goes instead of where it usually goes: a channel's id. */
  channel: string | null;
}

export const TIMEZONE_EXPECTED = 'a time zone such as UTC or Europe/Berlin';
/** Any name of the time zone database. `Intl.supportedValuesOf` lists one name a zone, and not always today's. */
export function isTimezone(name: string): boolean {
  try {
    return /^[a-z]/i.test(name) && new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

import { validateDetailed } from 'node-cron';

export const CRON_EXPECTED = 'a cron expression of five fields such as 0 8 * * *';

/** Five fields, as the clock understands them: no seconds. Whoever takes an expression from outside asks here. */
export const isCron = (expression: string): boolean =>
  validateDetailed(expression).valid && expression.trim().split(/\s+/).length === 5;

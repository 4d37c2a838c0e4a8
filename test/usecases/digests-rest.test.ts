import { expect, test } from 'vitest';
import { doWhatIsTimed } from '../../src/jobs/timed.ts';
import { remindOfReviews } from '../../src/usecases/remind-reviews.ts';
import { office } from './office.ts';

const daily = { cron: '0 9 * * *', timezone: 'UTC' };

test('a look at what is timed does not call for the next look: a bot that nobody asks anything rests', async () => {
  const at = await office();
  const look = async () => {
    await doWhatIsTimed(at.context, daily, { info: () => {} }, 'a-look');
    await remindOfReviews(at.context, 'a-look');
  };
  await look(); // makes the row that the next one finds
  const bells: string[] = [];
  const listener = await at.db.session('superuser');
  listener.on('notification', ({ channel }) => bells.push(channel));
  await listener.query('listen breakglass_schedules');
  await listener.query('listen the_end');
  await look();
  await at.db.query('superuser', 'notify the_end');
  await expect.poll(() => bells).toContain('the_end');
  expect(bells).toEqual(['the_end']);
});

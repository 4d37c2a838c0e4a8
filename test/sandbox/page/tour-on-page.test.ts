import pg from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { cast, channels } from '../../../sandbox/cast.ts';
import { type Stack, startStack } from '../../../sandbox/stack.ts';
import { form, happens, sends, types } from '../../../sandbox/tour/acts.ts';
import { breakGlass } from '../../../sandbox/tour/journeys/break-glass.ts';
import { sealed } from '../../../sandbox/tour/journeys/seal.ts';
import { Mismatch } from '../../../sandbox/tour/mismatch.ts';
import type { Step } from '../../../sandbox/tour/play.ts';
import { tourMorning } from '../../../sandbox/tour.ts';
import { FOREVER_MS, journey, left, listening, nothing, onTour, settles } from './on-tour.ts';

const { there, lent, play } = onTour();

describe('a tour on the page', () => {
  test('goes from its start to its end, shows who acts where and what is about to be pressed, and leaves nothing', async () => {
    const { told, until, now, onNews } = listening();
    let playedOn: Stack | undefined;
    const tour = play(
      async (signal) => {
        playedOn = await startStack({ signal, startsAt: tourMorning() });
        return playedOn;
      },
      onNews,
      { paceMs: 0, journeys: [breakGlass, sealed] },
    );
    expect(now()).toMatchObject({ playing: 'starting', journeys: 2, journey: 0, steps: [], scene: null });
    await until({ playing: 'over', coming: null, presses: null, journey: 2, title: sealed.title });
    expect(now()?.steps.map(({ well }) => well)).toEqual(Array(sealed.steps.length + 1).fill(true));
    const whole = told.findLast((news) => news?.journey === 1);
    expect(whole?.steps.map(({ name }) => name)).toEqual(breakGlass.steps.flat().map(({ name }) => name));
    const byName = (name: string) => whole?.steps.find((each) => each.name === name);
    // What the windows show is not told once more.
    expect(byName('Olivia gets the form "Break-glass request"')?.seen).toEqual([]);
    expect(whole?.steps.filter(({ name }) => name.includes('the card of')).flatMap(({ seen }) => seen)).toEqual([]);
    expect(byName('The clock moves to the end of the access')?.seen).toEqual([]);
    expect(byName('Olivia sends the form, and it closes')?.seen).toContain('ticket: INC-101');
    expect(byName('On record')?.seen.join()).toContain('break_glass.requested');
    const dm = there().slack.as(cast.olivia.id).dm();
    expect(told).toContainEqual(expect.objectContaining({ scene: { player: 'olivia', channel: dm } }));
    expect(told).toContainEqual(
      expect.objectContaining({
        scene: { player: 'anna', channel: channels.acme.id },
        coming: 'Anna presses "Approve" in #acme-owners',
        presses: 'Approve',
      }),
    );
    const command = { coming: 'Olivia types /breakglass', types: '/breakglass', sends: false };
    expect(told).toContainEqual(expect.objectContaining(command));
    expect(told.filter((news) => news?.sends)).toEqual([
      expect.objectContaining({ coming: 'Olivia sends the form, and it closes', types: null, grant: null }),
    ]);
    const grants = new Set(told.filter((news) => news?.coming?.includes('the card of')).map((news) => news?.grant));
    expect([...grants]).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    tour.steer('stop');
    expect(now()).toBeNull();
    await tour.over;
    const client = new pg.Client({ connectionString: playedOn?.adminUrl });
    await expect(client.connect()).rejects.toThrow('ECONNREFUSED');
    expect(playedOn?.bots.map(({ running }) => running)).toEqual([false]);
  }, 60_000);

  test('shows a form filled in before it is sent', async () => {
    const { until, onNews } = listening();
    const sent = sends('olivia', { ticket: 'INC-7' });
    const seen: unknown[] = [];
    const looks: Step['run'] = async (play) => {
      seen.push(play.person('olivia').view?.state.ticket?.ticket?.value);
      await play.person('olivia').close();
      return [];
    };
    const opens = [types('olivia', '/breakglass'), form('olivia', 'Break-glass request')];
    const journeys = [journey('One', ...opens, { ...sent, run: looks }, settles)];
    const tour = play(lent().start, onNews, { paceMs: 0, journeys });
    await until({ playing: 'over' });
    expect(seen).toEqual(['INC-7']);
    await left(tour);
  });

  test('takes its time for each step', async () => {
    const { until, now, onNews } = listening();
    const steps = [nothing('first'), nothing('second')];
    const tour = play(lent().start, onNews, { paceMs: FOREVER_MS, journeys: [journey('One', ...steps)] });
    await until({ coming: 'second' });
    expect(now()?.steps.map(({ name }) => name)).toEqual(['first']);
    await left(tour);
  });

  test('holds before the next step while it is paused, and goes on', async () => {
    const { until, now, onNews } = listening();
    const ran: string[] = [];
    const runs = (name: string) => happens(name, () => ran.push(name));
    const pauses = happens('pauses', () => tour.steer('pause'));
    const journeys = [journey('One', runs('first'), pauses, runs('second'), runs('third'), settles)];
    const tour = play(lent().start, onNews, { paceMs: 0, journeys });
    await until({ playing: 'paused', coming: 'second' });
    expect(ran).toEqual(['first']);
    tour.steer('go_on');
    expect(now()?.playing).toBe('playing');
    await until({ playing: 'over' });
    expect(ran).toEqual(['first', 'second', 'third']);
    await left(tour);
  });

  test('keeps the request that was last spoken of, the newest of its ticket', async () => {
    const { until, told, onNews } = listening();
    const ids: Record<string, string | null> = { 'INC-1': 'one', 'INC-2': null };
    const about = (name: string, ticket: string) => ({ ...nothing(name), about: ticket });
    const finds = happens('finds', ({ records }) => {
      vi.spyOn(records, 'newest').mockImplementation(async (ticket) => ids[ticket] ?? null);
    });
    const asks = happens('makes', () => {
      ids['INC-2'] = 'two';
    });
    const made = { ...asks, about: 'INC-2' };
    const steps = [finds, about('first', 'INC-1'), nothing('second'), made, nothing('third'), settles];
    play(lent().start, onNews, { paceMs: 0, journeys: [journey('One', ...steps)] });
    await until({ playing: 'over' });
    const last = (coming: string) => told.findLast((news) => news?.coming === coming && news.playing === 'playing');
    expect(['first', 'second', 'makes', 'third'].map((name) => last(name)?.grant)).toEqual(['one', 'one', null, 'two']);
  });

  test('goes on to the next step at once; in a pause it plays one, and stays paused', async () => {
    const { until, now, onNews } = listening();
    const steps = ['a', 'b', 'c', 'd'].map(nothing);
    const tour = play(lent().start, onNews, { paceMs: FOREVER_MS, journeys: [journey('One', ...steps)] });
    await until({ coming: 'b' });
    tour.steer('step');
    await until({ coming: 'c', playing: 'playing' });
    tour.steer('pause');
    tour.steer('step');
    await until({ coming: 'd', playing: 'paused' });
    expect(now()?.steps.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('goes at another pace at once', async () => {
    const { until, now, onNews } = listening();
    const tour = play(lent().start, onNews, { paceMs: 0, journeys: [journey('One', settles)] });
    expect(now()?.pace).toBe('usual');
    tour.setPace('slow');
    expect(now()?.pace).toBe('slow');
    await until({ playing: 'over', pace: 'slow' });
  });

  test('plays nothing while nobody watches', async () => {
    const { until, now, onNews } = listening();
    const { start } = lent();
    const tour = play(start, onNews, { paceMs: 0, journeys: [journey('One', nothing('first'), settles)] });
    tour.attend(false);
    await until({ coming: 'first' });
    expect(now()?.steps).toEqual([]);
    tour.attend(true);
    await until({ playing: 'over' });
  });

  test('after too long a pause has to begin anew, and does not fail', async () => {
    const { until, told, onNews } = listening();
    const tour = play(lent().start, onNews, {
      ...{ paceMs: 0, longestPauseMs: 0, journeys: [journey('One', nothing('first'))] },
    });
    tour.steer('pause');
    await until({ playing: 'outdated', coming: null });
    expect(told.some((news) => news?.playing === 'failed')).toBe(false);
  });

  test('that differs after pauses which were too long together has to begin anew', async () => {
    const { until, onNews } = listening();
    const differs = happens('It rains', () => {
      throw new Mismatch('active', 'lapsed');
    });
    const tour = play(lent().start, onNews, {
      ...{ paceMs: 0, longestPauseMs: FOREVER_MS, journeys: [journey('One', differs)] },
    });
    tour.steer('pause');
    await until({ playing: 'paused' });
    const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 2 * FOREVER_MS);
    tour.steer('go_on');
    await until({ playing: 'outdated', steps: [] }).finally(() => clock.mockRestore());
  });

  test('hurries to the next journey, also out of a pause, and takes its time there', async () => {
    const { until, now, onNews } = listening();
    const journeys = [
      journey('One', nothing('a'), nothing('b'), nothing('c')),
      journey('Two', nothing('d'), nothing('e')),
      journey('Three', nothing('f')),
    ];
    const tour = play(lent().start, onNews, { paceMs: FOREVER_MS, journeys });
    await until({ journey: 1, coming: 'b' });
    tour.steer('pause');
    tour.steer('next');
    await until({ journey: 2, title: 'Two', playing: 'playing', coming: 'e' });
    expect(now()?.steps.map(({ name }) => name)).toEqual(['d']);
    tour.steer('next');
    await until({ journey: 3, coming: 'Nobody was told anything beside what stands in this transcript' });
    await left(tour);
  });

  test('says what differed, and stays to be looked at until it is left', async () => {
    const { until, now, onNews } = listening();
    const differs = happens('It rains', () => {
      throw new Mismatch('rain', 'sun\nand wind');
    });
    const { start, stop } = lent();
    const tour = play(start, onNews, {
      paceMs: 0,
      journeys: [journey('The weather', differs, nothing('b'))],
    });
    await until({ playing: 'failed', coming: null });
    expect(now()?.steps).toEqual([
      { name: 'It rains', seen: ['Expected:', 'rain', 'Found:', 'sun', 'and wind'], well: false },
    ]);
    tour.steer('go_on');
    expect([now()?.playing, stop.mock.calls.length]).toEqual(['failed', 0]);
    await left(tour);
    expect([now(), stop.mock.calls.length]).toEqual([null, 1]);
  });

  test('that can not start says why, and can be left', async () => {
    const { until, now, onNews } = listening();
    const tour = play(() => Promise.reject(new Error('There is no room.')), onNews);
    await until({ playing: 'failed' });
    expect(now()?.steps[0]?.seen.join()).toContain('There is no room.');
    await left(tour);
    expect(now()).toBeNull();
  });
});

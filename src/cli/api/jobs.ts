import { type Command, command } from '../command.ts';
import { WrongUse } from '../exits.ts';
import { table } from '../terminal.ts';
import { when } from '../when.ts';
import { textIn, thingsIn } from './client.ts';
import { calledAndShown } from './shown.ts';
import { apiOptions } from './signed-in.ts';

const number = { name: 'NUMBER', says: 'the number of a notice, as the lists show it', needed: true } as const;

const listOf = (state: 'dead' | 'waiting', says: string): Command =>
  command({
    ...{ name: `jobs ${state}`, with: 'api', says },
    options: { cursor: { takes: 'CURSOR', says: 'where to go on: the next of the page before' }, ...apiOptions },
    run: ({ options }) => {
      const query = new URLSearchParams({ state, limit: '200', ...(options.cursor && { cursor: options.cursor }) });
      return calledAndShown(options, ['GET', `/v1/notices?${query}`], (page, at) => {
        const rows = thingsIn(page.data).map((each) => [
          ...[textIn(each.id), textIn(each.kind), textIn(each.destination), textIn(each.tenant)],
          ...[when(state === 'dead' ? each.since : each.not_before, at), textIn(each.attempts), textIn(each.error)],
        ]);
        const titles = [
          'NUMBER',
          'KIND',
          'WHERE',
          'TENANT',
          state === 'dead' ? 'DEAD SINCE' : 'NOT BEFORE',
          'TRIES',
          'WHY',
        ];
        const more = textIn(page.next) === '' ? '' : `\nThere is more: --cursor ${textIn(page.next)}`;
        return rows.length === 0 ? `No notice is ${state}.` : `${table(titles, rows)}${more}`;
      });
    },
  });

/** @throws WrongUse */
function numberIn(text: string | undefined): string {
  if (text !== undefined && /^[1-9]\d{0,17}$/.test(text)) return text;
  throw new WrongUse(`${number.name}: expected ${number.says}.`);
}

const requeue = command({
  ...{ name: 'jobs requeue', with: 'api', says: 'send a dead notice again, marked as late; or all of them' },
  words: [{ ...number, needed: false }],
  options: { all: { takes: null, says: 'every dead notice' }, ...apiOptions },
  run: ({ words: [of], options }) => {
    if (options.all === (of !== undefined)) throw new WrongUse('jobs requeue needs a NUMBER, or --all.');
    if (options.all) {
      return calledAndShown(options, ['POST', '/v1/notices/requeue'], (answer) => {
        const ids = Array.isArray(answer.ids) ? answer.ids.map(textIn) : [];
        return ids.length === 0 ? 'No notice is dead.' : `Sent again, marked as late: ${ids.join(', ')}.`;
      });
    }
    const path = `/v1/notices/${numberIn(of)}/requeue`;
    return calledAndShown(options, ['POST', path], ({ id }) => `Notice ${textIn(id)} is sent again, marked as late.`);
  },
});

const drop = command({
  ...{ name: 'jobs drop', with: 'api', says: 'give up a notice that nobody needs', words: [number] },
  options: { reason: { takes: 'TEXT', says: 'why, for the record', needed: true }, ...apiOptions },
  run: ({ words: [of], options }) =>
    calledAndShown(
      options,
      ['POST', `/v1/notices/${numberIn(of)}/drop`, { reason: options.reason }],
      ({ id }) => `Notice ${textIn(id)} is dropped.`,
    ),
});

const retime = command({
  ...{ name: 'jobs retime', with: 'api', says: 'let a notice wait until another time', words: [number] },
  options: {
    at: { takes: 'TIME', says: 'from when on it is tried, such as 2026-01-05T09:30:00Z', needed: true },
    ...apiOptions,
  },
  run: ({ words: [of], options }) =>
    calledAndShown(
      options,
      ['POST', `/v1/notices/${numberIn(of)}/retime`, { at: options.at }],
      (answer, at) => `Notice ${textIn(answer.id)} is not tried before ${when(answer.not_before, at)}.`,
    ),
});

export const jobCommands = [
  listOf('dead', 'notices that could not be delivered and were given up'),
  listOf('waiting', 'notices that wait'),
  requeue,
  drop,
  retime,
];

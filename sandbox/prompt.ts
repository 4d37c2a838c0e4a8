import { createInterface } from 'node:readline';
import { cast, channels, type Player } from './cast.ts';
import type { SandboxClock } from './clock.ts';
import type { Service } from './service.ts';
import { offeredOptions } from './slack/element-rules.ts';
import { fieldsOf } from './slack/form.ts';
import type { Change, Entries, LocalSlack, Message, Person } from './slack/index.ts';
import { asString } from './slack/json.ts';
import { nextHour } from './tour/journeys/moments.ts';
import { buttonsOf, read, readAnswer, readView, shownMoment, ZONE } from './tour/reading.ts';
import { Records } from './tour/records.ts';

const help = `  olivia: /breakglass             somebody types a command, in their direct messages with the bot
  olivia: submit tenant=acme reason="What happened and what I do"
                                  fills in the form on the screen and sends it
  olivia: cancel                  closes the form
  anna: click approve             presses a button of the latest card that has it, where she can see it
  check olivia content.read acme  asks as a service: may she do this on this tenant now
  look anna, look #acme-owners    the direct messages of somebody; a channel
  time +5m, time +2h              moves the clock
  time to 08:00                   to the next full hour of that name, in UTC
  time to expiry, time to lapse   to the moment the next access ends; the next request lapses
  help, quit
`;

/** How long an act may take until something of it is to be seen (ms). */
const PATIENCE_MS = 3_000;
const QUIET_MS = 15_000;

export interface PromptDeps {
  slack: LocalSlack;
  clock: SandboxClock;
  service: Service;
  adminUrl: string;
  print: (line: string) => void;
}

/** Reads lines until there are no more or somebody quits. Works for a terminal and for a file of lines alike. */
export async function runPrompt(deps: PromptDeps, leaving: AbortSignal): Promise<void> {
  const records = await Records.open(deps.adminUrl);
  const terminal = process.stdin.isTTY === true;
  const lines = createInterface({ input: process.stdin, output: process.stdout, terminal, prompt: '> ' });
  // In a terminal, Ctrl-C comes here and not as a signal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  leaving.addEventListener('abort', () => lines.close(), { once: true });
  const unsubscribe = deps.slack.on((change) => announce(deps, change));
  try {
    if (terminal) lines.prompt();
    for await (const line of lines) {
      if (!terminal && line.trim() !== '') deps.print(`> ${line}`);
      if (/^(quit|exit)$/.test(line.trim())) return;
      await obey(deps, records, line.trim()).catch((error: Error) => deps.print(`  ${error.message.split('\n')[0]}`));
      if (terminal) lines.prompt();
    }
  } finally {
    unsubscribe();
    lines.close();
    await records.close();
  }
}

async function obey(deps: PromptDeps, records: Records, line: string): Promise<void> {
  const [, who, act] = /^(\w+):\s*(.+)$/.exec(line) ?? [];
  if (who !== undefined && act !== undefined) return perform(deps, records, personCalled(deps.slack, who), act);
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/.exec(line) ?? [];
  switch (word) {
    case '':
      return;
    case 'help':
      return deps.print(help);
    case 'check':
      return check(deps, rest);
    case 'look':
      return look(deps, rest);
    case 'time':
      return moveTime(deps, records, rest);
    default:
      throw new Error(`Nothing is called "${word}" here. Type help.`);
  }
}

async function perform(deps: PromptDeps, records: Records, person: Person, act: string): Promise<void> {
  const view = person.view?.hash;
  await settled(deps, records, () => carryOut(deps, person, act));
  await formInPlace(deps, person);
  if (person.view && person.view.hash !== view) showForm(deps, person);
}

/** What there is to be seen of something comes after it was acknowledged: waits for that, and until all is delivered. */
async function settled({ slack }: PromptDeps, records: Records, work: () => Promise<unknown>): Promise<void> {
  let changes = 0;
  const unsubscribe = slack.on(({ kind }) => {
    if (kind === 'message' || kind === 'modal' || kind === 'notice') changes += 1;
  });
  try {
    await work();
    await slack.until(() => changes > 0, 'a change', { timeoutMs: PATIENCE_MS }).catch(() => {});
    await records.quiet(QUIET_MS);
  } finally {
    unsubscribe();
  }
}

async function carryOut(deps: PromptDeps, person: Person, act: string): Promise<void> {
  const [word = '', ...rest] = act.split(/\s+/);
  if (/^(submit|cancel)$/.test(word) && !person.view) throw new Error(`${person.user.real_name} has no form open.`);
  if (word.startsWith('/')) {
    await person.command(word, rest.join(' '));
  } else if (word === 'submit') {
    const outcome = await person.submit(entriesIn(act));
    if ('errors' in outcome)
      for (const [field, text] of Object.entries(outcome.errors)) deps.print(`  ${field}: ${text}`);
  } else if (word === 'cancel') {
    await person.close();
  } else if (word === 'click') {
    await click(deps, person, rest.join(' '));
  } else {
    throw new Error('People type commands, click, submit and cancel. Type help.');
  }
}

/** A window without fields says "one moment"; what it makes place for comes right after. */
async function formInPlace({ slack }: PromptDeps, person: Person): Promise<void> {
  const first = person.view;
  if (!first || first.definition.submit) return;
  await slack.until(() => person.view?.hash !== first.hash, 'the form', { timeoutMs: PATIENCE_MS }).catch(() => {});
}

const entriesIn = (text: string): Entries =>
  Object.fromEntries(
    [...text.matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, field = '', quoted, bare]) => [
      field,
      quoted ?? bare ?? '',
    ]),
  );

/** Presses a button by its name or its label, in the latest message that has it and that the person can see. */
async function click({ slack, print }: PromptDeps, person: Person, label: string): Promise<void> {
  const wanted = label.toLowerCase();
  const fits = (message: Message) =>
    buttonsOf(message).find((button) => [button.action, button.label.toLowerCase()].includes(wanted));
  const visible = () =>
    slack.channels
      .filter(({ members }) => members.includes(person.id))
      .flatMap(({ id }) => person.sees(id))
      .filter((message) => fits(message))
      .sort((a, b) => Number(a.ts) - Number(b.ts))
      .at(-1);
  const message = await slack.until(visible, `a message with "${label}"`, { timeoutMs: PATIENCE_MS }).catch(() => {
    throw new Error(`There is no "${label}" that they can see.`);
  });
  const button = fits(message);
  if (!button) return;
  const { confirm } = await person.click(message, button.action, { value: button.value });
  if (confirm !== undefined) print('  (Slack asks first; answered with yes)');
}

function showForm({ slack, print }: PromptDeps, person: Person): void {
  const { view } = person;
  if (!view) return;
  print(indented(readView(view, slack.reader(ZONE))));
  const fields = fieldsOf(view.definition).map(({ blockId, element }) => {
    const values = offeredOptions(element).map(({ value }) => asString(value));
    return `${blockId}=${values.length > 0 ? values.join('|') : 'TEXT'}`;
  });
  if (fields.length > 0) print(`  ${person.user.name}: submit ${fields.join(' ')}`);
}

async function check({ service, print }: PromptDeps, question: string): Promise<void> {
  const [, who, action, tenant] = /^(\S+)\s+(\S+)\s+(\S+)$/.exec(question) ?? [];
  if (!who || !action || !tenant) throw new Error('Say check olivia content.read acme.');
  print(`  ${readAnswer(await service.ask({ who: playerCalled(who), action, tenant }))}`);
}

function look({ slack, print }: PromptDeps, where: string): void {
  const channel = slack.channels.find(({ name }) => `#${name}` === where)?.id ?? personCalled(slack, where).dm();
  const messages = slack.messages(channel).filter(({ ephemeralTo }) => ephemeralTo === undefined);
  if (messages.length === 0) print('  Nothing was said here.');
  for (const message of messages) print(`${indented(read(message, slack.reader(ZONE)))}\n`);
}

async function moveTime(deps: PromptDeps, records: Records, how: string): Promise<void> {
  const { clock, print } = deps;
  const [, count, unit] = /^\+(\d+)\s*([mhd])$/.exec(how) ?? [];
  const [, hour] = /^to (\d{1,2}):00$/.exec(how) ?? [];
  const [, event] = /^to (expiry|lapse)$/.exec(how) ?? [];
  await records.quiet(QUIET_MS);
  if (count !== undefined && unit !== undefined) {
    await clock.advance(Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000 }[unit as 'm' | 'h' | 'd']);
  } else if (hour !== undefined) {
    await settled(deps, records, async () => clock.advanceTo(await nextHour(Number(hour))({ clock })));
  } else if (event !== undefined) {
    const next = await records.next(event as 'expiry' | 'lapse');
    if (!next) throw new Error(event === 'expiry' ? 'Nothing is active.' : 'No request is waiting.');
    await settled(deps, records, () => clock.advanceTo(next));
  } else {
    throw new Error('Say time +5m, time +2h, time to 08:00, time to expiry or time to lapse.');
  }
  print(`  It is ${shownMoment(await clock.now())} UTC.`);
}

/** One line for each message as it comes; what only one person sees in full, since nobody can look at it later. */
function announce({ slack, print }: PromptDeps, change: Change): void {
  if (change.kind === 'notice') print(`  Slack tells ${nameOf(slack, change.user)}: ${change.text}`);
  if (change.kind !== 'message') return;
  const { message, what } = change;
  const reader = slack.reader(ZONE);
  if (message.ephemeralTo !== undefined) {
    print(`  only ${nameOf(slack, message.ephemeralTo)} sees\n${indented(read(message, reader), '    ')}`);
    return;
  }
  const channel = slack.channels.find(({ id }) => id === message.channel);
  const where = channel?.is_im ? `to ${nameOf(slack, channel.user ?? '')}` : `#${channel?.name}`;
  print(`  ${where}, ${what}: ${read({ text: message.text, blocks: [] }, reader)}`);
}

const personCalled = (slack: LocalSlack, name: string): Person => slack.as(cast[playerCalled(name)].id);

function playerCalled(name: string): Player {
  const player = Object.keys(cast).find((key): key is Player => key === name.toLowerCase());
  if (player !== undefined) return player;
  const names = Object.values(channels).map((channel) => `#${channel.name}`);
  throw new Error(`Nobody is called "${name}". There are ${Object.keys(cast).join(', ')} and ${names.join(', ')}.`);
}

const nameOf = (slack: LocalSlack, id: string) => slack.users.find((user) => user.id === id)?.real_name ?? id;
const indented = (text: string, by = '  ') => text.replace(/^/gm, by);

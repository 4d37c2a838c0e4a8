import type { KnownBlock } from '@slack/types';
import { stateAt } from '../../domain/grant.ts';
import type { Kind } from '../../domain/words.ts';
import { buttons, commands } from '../ids.ts';
import { limits } from '../limits.ts';
import { duration, mention, moment, mrkdwn, plain, typed } from '../text.ts';
import type { CardSubject, Message } from './card.ts';
import { usesSentence } from './uses.ts';
import { kindWords, scopeWords } from './words.ts';

const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });
const shown = 20;

/** What somebody has open, or what is open on a tenant. */
export function statusMessage(
  title: string,
  open: readonly CardSubject[],
  empty: string,
  also: string | null = null,
): Message {
  const last = also === null ? [] : [section(also)];
  if (open.length === 0) return { text: empty, blocks: [section(empty), ...last] };
  const blocks = listed(section(`*${title}*`), open, (each) => section(line(each)));
  return { text: title, blocks: [...blocks, ...last] };
}

/** As many as fit a message, and how many there are beside them; `unlisted` are not even among those given. */
export function listed<T>(
  title: KnownBlock,
  open: readonly T[],
  block: (each: T) => KnownBlock,
  unlisted = 0,
): KnownBlock[] {
  const blocks = [title];
  let length = JSON.stringify(title).length;
  for (const each of open.slice(0, shown).map(block)) {
    length += JSON.stringify(each).length + 1;
    if (length > limits.messageBlocks - 200) break;
    blocks.push(each);
  }
  const more = open.length + 1 - blocks.length + unlisted;
  return more > 0 ? [...blocks, section(`And ${more} more.`)] : blocks;
}

function line(subject: CardSubject): string {
  const { grant, tenant, now, accounts } = subject;
  const what = `${kindWords[grant.kind]}: ${scopeWords[grant.scope].name} on ${typed(tenant.name)} for ${mention(accounts.get(grant.requester))}`;
  const ticket = `ticket ${typed(grant.ticket, 150)}`;
  if (grant.status.state === 'active' && stateAt(grant, now) === 'active') {
    return `${what}, ${ticket}. Active until ${moment(grant.status.expiresAt)}. ${usesSentence(subject) ?? 'Not used yet.'}`;
  }
  const waiting = grant.legs.filter((leg) => leg.decision === null).map((leg) => leg.role);
  return `${what}, ${ticket}, ${duration(grant.minutesGranted)}. Waiting for ${waiting.join(' and ')} until ${moment(grant.lapsesAt)}.`;
}

/** Several things could be meant by "I'm done": each with its button. */
export function chooseEnd(active: readonly CardSubject[]): Message {
  const text = 'You have several active. Which one is done?';
  return {
    text,
    blocks: listed(section(text), active, (each) => ({
      ...{ type: 'section', text: mrkdwn(line(each)) },
      block_id: `end_${each.grant.id}`,
      accessory: { type: 'button', action_id: buttons.end, text: plain("I'm done", 75), value: each.grant.id },
    })),
  };
}

/** What the command does, on one screen. */
export function helpMessage(kind: Kind): Message {
  const command = commands[kind];
  const what =
    kind === 'break_glass'
      ? 'Emergency access to a tenant. Two people from two groups have to agree; it ends by itself; a review follows.'
      : "Support access to a tenant: its audit trail, or repairing its ownership. The tenant's owners agree or are told.";
  const lines = [
    `*${command}*: ${what}`,
    `\`${command}\`  ask for access`,
    `\`${command} status\`  what you have open`,
    `\`${command} status TENANT\`  what is open on a tenant (its owners, security, ops and auditors)`,
    `\`${command} audit\`  the audit trail of what you may see: \`${command} audit acme by @olivia since 7d action approved\``,
    ...(kind === 'break_glass'
      ? [`\`${command} reviews\`  sessions that wait for their review (security and auditors; operators their own)`]
      : []),
    ...(kind === 'break_glass'
      ? [`\`${command} link\`  say who you are at your identity provider; \`${command} unlink\` takes it back`]
      : []),
    `\`${command} end\`  give your access back now`,
    `\`${command} help\`  this text`,
  ];
  return { text: `${command}: ${what}`, blocks: [section(lines.join('\n'))] };
}

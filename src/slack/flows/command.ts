import type { Kind } from '../../domain/words.ts';
import type { Door } from '../door.ts';
import { commands } from '../ids.ts';
import { typed } from '../text.ts';
import { helpMessage } from '../views/status.ts';
import { answering, type CommandArgs, tell } from './asking.ts';
import { commandAudit } from './audit.ts';
import { commandEnd } from './close.ts';
import { commandLink, commandUnlink } from './link.ts';
import { openRequestForm } from './request.ts';
import { commandReviews } from './review.ts';
import { commandStatus } from './status.ts';

/** What stands behind a command: nothing opens the form, a word does what it says. */
export async function onCommand(door: Door, kind: Kind, args: CommandArgs): Promise<void> {
  await args.ack();
  const [word = '', argument] = args.command.text.trim().split(/\s+/);
  switch (word.toLowerCase()) {
    case '':
      return answering(door, args.respond, () => openRequestForm(door, kind, args));
    case 'status':
      return commandStatus(door, argument?.toLowerCase(), args);
    case 'audit':
      return commandAudit(door, kind, args.command.text.trim().slice(word.length), args);
    case 'reviews':
      if (kind === 'support_access') return unknownWord(door, kind, word, args);
      return commandReviews(door, args);
    case 'link':
    case 'unlink':
      if (kind === 'support_access') return unknownWord(door, kind, word, args);
      return word.toLowerCase() === 'link' ? commandLink(door, args) : commandUnlink(door, args);
    case 'end':
      return commandEnd(door, kind, args);
    case 'help':
      return tell(door, args.respond, helpMessage(kind));
    default:
      return unknownWord(door, kind, word, args);
  }
}

const unknownWord = (door: Door, kind: Kind, word: string, { respond }: CommandArgs): Promise<void> =>
  tell(door, respond, `I don't know "${typed(word, 40)}". Type ${commands[kind]} help for what there is.`);

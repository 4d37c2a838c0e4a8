import { mayApproveFrom } from '../../domain/linking.ts';
import type { Refusal } from '../../domain/refusals.ts';
import { beginLink, beginStepUp, type StepUpCommand } from '../../usecases/begin-sign-in.ts';
import type { Refused } from '../../usecases/context.ts';
import { confirmLink, linkOfPerson, refuseLink, unlinkOwn } from '../../usecases/link-identity.ts';
import { type ActingPerson, actingPerson, type Door } from '../door.ts';
import { linkedSentence, linkOffer } from '../views/link.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import { answering, type ButtonArgs, type CommandArgs, madeUp, requestIdOf, tell } from './asking.ts';

const noProvider = 'No identity provider is set up here, so there is nothing to link to.';

/** `/breakglass link`: a one-time link to sign in with, said to the person and nobody else. */
export const commandLink = (door: Door, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const address = door.signInAddress;
    if (address === null) return tell(door, args.respond, noProvider);
    const actor = await actingPerson(door, args.command.user_id);
    const { code, refusal } = await beginLink(door.context, actor, requestIdOf(args));
    await tell(door, args.respond, refusal ? whyNot(refusal, actor) : linkOffer(address(code)));
  });

/** `/breakglass unlink`: takes back what the person linked themselves. */
export const commandUnlink = (door: Door, args: CommandArgs): Promise<void> =>
  answering(door, args.respond, async () => {
    const actor = await actingPerson(door, args.command.user_id);
    const { refusal } = await unlinkOwn(door.context, { actor, requestId: requestIdOf(args) });
    const done = 'Your Slack account is not linked to your identity provider any more.';
    await tell(door, args.respond, refusal ? whyNot(refusal, actor) : done);
  });

export const clickLinkConfirm = (door: Door, args: ButtonArgs): Promise<void> =>
  answerQuestion(door, args, async (actor, signIn) => {
    const { name, refusal } = await confirmLink(door.context, { actor, signIn, requestId: requestIdOf(args) });
    if (refusal) return whyNot(refusal, actor);
    const link = await linkOfPerson(door.context, actor);
    return linkedSentence(name, link && mayApproveFrom(link));
  });

export const clickLinkRefuse = (door: Door, args: ButtonArgs): Promise<void> =>
  answerQuestion(door, args, async (actor, signIn) => {
    const { refusal } = await refuseLink(door.context, { actor, signIn, requestId: requestIdOf(args) });
    return refusal ? whyNot(refusal, actor) : 'Nothing was linked. That somebody tried is on record; tell security.';
  });

/** The page opens in the browser; that the button was pressed is only acknowledged. */
export const openedSignIn = async (): Promise<void> => {};

const answerQuestion = (
  door: Door,
  args: ButtonArgs,
  work: (actor: ActingPerson, signIn: string) => Promise<string>,
): Promise<void> =>
  answering(door, args.respond, async () => {
    const { value } = args.action;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value ?? '')) {
      return tell(door, args.respond, refusalSentence(await madeUp(door, args, 'link')));
    }
    await tell(door, args.respond, await work(await actingPerson(door, args.body.user.id), value ?? ''));
  });

const whyNot = (refusal: Refusal, { unsure }: ActingPerson): string =>
  unsure && refusal.kind === 'not_vouched_for' ? unknownStandingSentence : refusalSentence(refusal);

/**
 * An approval was refused for want of a fresh sign-in: where to sign in instead, or why that is no way out either.
 * @returns null where the refusal is another one, or nobody can sign in here
 */
export async function signInInstead(
  door: Door,
  { refusal }: Refused,
  command: StepUpCommand,
  requestId: string,
): Promise<{ address: string } | { refusal: Refusal } | null> {
  if (refusal.kind !== 'step_up_needed' || door.signInAddress === null) return null;
  const begun = await beginStepUp(door.context, command, requestId);
  return begun.refusal ? { refusal: begun.refusal } : { address: door.signInAddress(begun.code) };
}

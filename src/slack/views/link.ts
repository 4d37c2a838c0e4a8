import type { Button, KnownBlock, ModalView } from '@slack/types';
import type { PersonLink } from '../../domain/linking.ts';
import { mayApproveFrom } from '../../domain/linking.ts';
import type { Notice } from '../../domain/notices.ts';
import { buttons, commands } from '../ids.ts';
import { limits } from '../limits.ts';
import { mention, moment, mrkdwn, plain, typed } from '../text.ts';
import { button, type Message, row } from './card.ts';

const section = (text: string): KnownBlock => ({ type: 'section', text: mrkdwn(text) });

/** A button that opens a page. Slack tells us of the click as well; the page is opened by the person's browser. */
const opening = (label: string, address: string): Button => ({
  type: 'button',
  action_id: buttons.openSignIn,
  text: plain(label, limits.buttonText),
  url: address,
  style: 'primary',
});

export const linkOffer = (address: string): Message => {
  const text =
    'Sign in at your identity provider with this link. It is for you alone, works once, and for 10 minutes. Then I ask you here whether it was you.';
  return { text, blocks: [section(text), row('sign_in', [opening('Sign in', address)])] };
};

const stepUpText =
  'This needs a fresh sign-in at your identity provider. The link is for this approval alone, works once, and for 10 minutes. Nothing is approved before you agree on the page it leads to.';

export const stepUpOffer = (address: string): Message => ({
  text: stepUpText,
  blocks: [section(stepUpText), row('sign_in', [opening('Sign in to approve', address)])],
});

/** The same, in the place of a form. */
export const stepUpModal = (title: string, address: string): ModalView => ({
  type: 'modal',
  title: plain(title, limits.modalTitle),
  close: plain('Close', limits.modalTitle),
  blocks: [section(stepUpText), row('sign_in', [opening('Sign in to approve', address)])],
});

/** Asked of the account that typed the command, and answered by it alone. */
export function linkQuestionMessage(notice: Extract<Notice, { kind: 'link_question' }>): Message {
  const { issuer, subject, signIn, until } = notice;
  const text = `Somebody signed in at ${typed(issuer)} as ${typed(subject)} to be linked with your Slack account. Was that you? You can answer until ${moment(new Date(until))}.`;
  return {
    text,
    blocks: [
      section(text),
      row('link', [
        button(buttons.linkConfirm, 'Confirm', signIn, 'primary'),
        button(buttons.linkRefuse, 'This was not me', signIn, 'danger'),
      ]),
    ],
  };
}

const changes: Readonly<Record<Extract<Notice, { kind: 'identity_changed' }>['change'], string>> = {
  linked:
    'linked their Slack account with an identity at the identity provider. It carries approvals after a day: if this looks odd, ask them, not in Slack.',
  unlinked: 'took back the link of their Slack account with the identity provider.',
  link_refused: 'says that it was not them who signed in to be linked with their Slack account. Find out who it was.',
};

export function identityChangedMessage({ account, change }: Extract<Notice, { kind: 'identity_changed' }>): Message {
  const text = `${mention(account)} ${changes[change]}`;
  return { text, blocks: [section(text)] };
}

export const linkedSentence = (name: string, until: Date | null): string =>
  `Linked: you are ${typed(name)} at your identity provider.${until ? ` It carries approvals from ${moment(until)} on.` : ''}`;

/** How somebody stands with the identity provider, for `status`. */
export function linkStanding(link: PersonLink | null): string {
  if (link === null)
    return `Your Slack account is not linked to your identity provider: \`${commands.break_glass} link\``;
  return linkedSentence(`oidc:${link.issuer}#${link.subject}`, mayApproveFrom(link));
}

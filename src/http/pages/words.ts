import type { Refusal } from '../../domain/refusals.ts';
import type { Scope } from '../../domain/words.ts';
import { type Html, html, typed } from '../../evidence/html.ts';
import type { Asked } from '../../usecases/sign-in.ts';
import { problemWords } from '../problem-words.ts';

/** How somebody reads a scope. */
const scopeNames: Readonly<Record<Scope, string>> = {
  content_access: 'Content access',
  create_platform_owner: 'Create platform owner',
  reset_admin_password: 'Reset admin password',
  reenable_admin: 'Re-enable admin',
  audit_view: 'Audit view',
  workspace_recovery: 'Workspace recovery',
};

/** Unknown, used, run out, of another browser: one and the same, so that nobody learns which. */
export const gone = {
  title: 'This link leads nowhere',
  body: html`<p>It was used already, it ran out, or it was opened in another browser. Nothing was done.</p>
<p>Go back to Slack and start again there.</p>`,
};

export const silent = {
  title: 'The identity provider does not answer',
  body: html`<p>Nothing was done, and your link was not used up. Try again in a minute, with the same link.</p>`,
};

export const notSignedIn = {
  title: 'You were not signed in',
  body: html`<p>The identity provider did not sign you in, so nothing was done. Go back to Slack and start again there.</p>`,
};

export const unusable = {
  title: 'The answer of the identity provider could not be used',
  body: html`<p>It signed you in, and said of you what can not be kept here. Nothing was done; who looks after the provider can mend that.</p>`,
};

export const tooMany = {
  title: 'Too many tries',
  body: html`<p>Too much was asked for from where you are. Nothing was done, and your link was not used up. Try again in a minute, with the same link.</p>`,
};

export const trouble = {
  title: 'That did not work',
  body: html`<p>Something is out of order here. Look in Slack whether it was done; if not, start again there in a minute.</p>`,
};

/** An account as its people read it. What they call themselves proves nothing, so the id stands beside it. */
export const accountWords = (account: string, name: string | null): Html =>
  name === null ? html`<b>${typed(account)}</b>` : html`<b>${typed(name)}</b> (${typed(account)})`;

const fact = (label: string, value: Html): Html => html`<dt>${label}</dt><dd>${value}</dd>`;

const form = (token: string, label: string): Html => html`<form method="post">
<input type="hidden" name="token" value="${token}">
<button type="submit">${label}</button>
</form>`;

const signedInAs = ({ signIn: { shownAs, subject, issuer } }: Asked): Html =>
  html`${shownAs === null ? '' : html`${typed(shownAs)}, `}${typed(subject)} at ${typed(issuer)}`;

export function linkPage(asked: Asked, account: Html, token: string): { title: string; body: Html } {
  return {
    title: 'Link this Slack account?',
    body: html`<p>The Slack account ${account} asks to be linked with your identity:</p>
<dl>${fact('Slack account', account)}${fact('You signed in as', signedInAs(asked))}</dl>
<p>Agree only if that Slack account is <b>yours</b> and you typed the command there yourself. Whoever sent you this link otherwise wants to act as you: close this page, and tell security.</p>
<p class="soft">Slack then asks that account as well. Nothing is linked before.</p>
${form(token, 'This Slack account is mine')}`,
  };
}

export const linkAsked = {
  title: 'Now answer in Slack',
  body: html`<p>Nothing is linked yet. Breakglass sends the account a message in Slack: press Confirm there within 10 minutes. You can close this page.</p>`,
};

export interface StepUpFacts {
  account: Html;
  operator: Html;
  /** Who is to approve, as the database knows it: null where the grant is not to be seen any more. */
  at: NonNullable<Asked['at']>;
}

export function stepUpPage(
  asked: Asked,
  { account, operator, at }: StepUpFacts,
  token: string,
): { title: string; body: Html } {
  const { grant, tenant } = at;
  const minutes = asked.signIn.minutes ?? grant.minutesGranted;
  return {
    title: 'Approve this access?',
    body: html`<dl>
${fact('Tenant', html`${typed(tenant.name)} (${typed(tenant.key)})`)}
${fact('Access', html`${scopeNames[grant.scope]}`)}
${fact('For', operator)}
${fact('Reason', typed(grant.reason))}
${fact('Ticket', typed(grant.ticket))}
${fact('How long', html`${minutes} minutes`)}
${fact('You approve as', html`${asked.signIn.leg ?? ''}, ${account}`)}
${fact('You signed in as', signedInAs(asked))}
</dl>
<p>Your approval is on record, with this sign-in.</p>
${form(token, 'Approve')}`,
  };
}

export const approved = {
  title: 'Approved',
  body: html`<p>Your approval is recorded; the card in Slack shows where the request stands. You can close this page.</p>`,
};

/** Why a rule said no. */
export const whyNot = (refusal: Refusal): { title: string; body: Html } => ({
  title: 'Nothing was done',
  body: html`<p>${sentences[refusal.kind] ?? problemWords(refusal).detail}</p><p>Go back to Slack; the card there shows where the request stands.</p>`,
});

const sentences: Partial<Readonly<Record<Refusal['kind'], string>>> = {
  step_up_needed: 'The identity provider did not say that you signed in just now, and as strongly as this needs.',
  policy_outdated: 'The rules changed just now. Go back to the page before and press again in a moment.',
  link_conflict: 'That Slack account, or your identity, is linked already.',
  not_the_role: 'You do not hold the role that decides this, or Slack did not confirm it just now.',
};

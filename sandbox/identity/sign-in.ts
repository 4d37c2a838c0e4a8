import type { IncomingMessage } from 'node:http';
import type { Context } from 'oidc-provider';
import { Html, html } from '../../src/evidence/html.ts';
import type { ProviderPages } from './configuration.ts';
import type { Show } from './page.ts';

/** Somebody who can sign in. */
export interface Account {
  /** What the provider calls them. */
  sub: string;
  name: string;
  is: string;
}

/** Bytes: a form with one name in it. */
const LONGEST_FORM = 1_024;

/** Whom somebody chose to be; null while the page asks, or where it says that there is nobody to sign in. */
export async function chosen(context: Context, accounts: readonly Account[], show: Show): Promise<Account | null> {
  const sub = context.method === 'POST' ? new URLSearchParams(await formOf(context.req)).get('sub') : null;
  const account = accounts.find((each) => each.sub === sub);
  if (account) return account;
  show(context, context.method === 'POST' ? 400 : 200, 'Who are you?', choice(accounts));
  return null;
}

const choice = (accounts: readonly Account[]): Html => html`
<p>This is the identity provider of the sandbox. There are no passwords: choose who of the cast signs in. You may choose
somebody else than the one who asked, to see what comes of it.</p>
<form method="post">
<ul>${accounts.map(
  ({ sub, name, is }) => html`
<li><button name="sub" value="${sub}"><b>${name}</b> <span>${is}</span></button></li>`,
)}
</ul>
</form>
<p class="soft">It is there as long as the sandbox runs, and on this machine only.</p>`;

export const tooLate = (context: Context, show: Show): void =>
  show(context, 400, 'This sign-in is over', html`<p>Begin again where you came from.</p>`);

async function formOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > LONGEST_FORM) return '';
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** The pages of the device flow, and what went wrong. The forms are the provider's own markup, which has no button. */
export const devicePages = (show: Show): ProviderPages => ({
  deviceCode: (context, form) =>
    show(
      context,
      200,
      'Which device?',
      html`<p>Enter the code that the command line shows.</p>
${new Html(form.replace(/ onfocus="[^"]*"/, ' aria-label="Code"'))}
<button type="submit" form="op.deviceInputForm">Continue</button>`,
    ),
  deviceConfirm: (context, form) =>
    show(
      context,
      200,
      'Is this your command line?',
      html`<p>Continue only if you started this sign-in yourself.</p>
${new Html(form)}
<button type="submit" form="op.deviceConfirmForm">Continue</button>`,
    ),
  deviceDone: (context) => show(context, 200, 'Signed in', html`<p>Go back to the command line.</p>`),
  error: (context, words) => show(context, context.status, 'This did not work', html`<p>${words}</p>`),
});

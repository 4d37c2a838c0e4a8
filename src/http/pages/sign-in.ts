import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../domain/people.ts';
import type { Html } from '../../evidence/html.ts';
import type { Context, Outcome } from '../../usecases/context.ts';
import {
  type Asked,
  agreeToLink,
  approveSignedIn,
  askedOf,
  comeBack,
  isAwaited,
  keepSignedIn,
  leadsAway,
  openCode,
} from '../../usecases/sign-in.ts';
import { refusalOf, type Trouble } from '../refusals.ts';
import { browserCookie, formToken, isFormToken } from './browser.ts';
import { limitByNetwork } from './limit.ts';
import { ProviderOdd, ProviderSilent, type SignInProvider } from './provider.ts';
import { secured, send } from './shell.ts';
import {
  accountWords,
  approved,
  gone,
  linkAsked,
  linkPage,
  notSignedIn,
  silent,
  stepUpPage,
  tooMany,
  trouble as troubleWords,
  unusable,
  whyNot,
} from './words.ts';

/** What stands behind the sign-in pages. Slack is asked through the functions given here: this room does not know it. */
export interface SignInPages {
  context: Context;
  provider: SignInProvider;
  /** How browsers reach these pages, without a slash at the end. */
  publicUrl: string;
  /** Who an account is now: standing, roles and groups, asked live. */
  actor: (account: string) => Promise<Actor>;
  /** What an account is called in Slack; null where it is not known. */
  nameOf: (account: string) => Promise<string | null>;
  trouble: Trouble;
}

/** What these pages' addresses begin with, and where people come back to from the provider. */
export const PREFIX = '/sign-in';
export const CALLBACK = `${PREFIX}/callback`;

type Page = { title: string; body: Html };

/** The pages a one-time code leads to: away to the provider, back, a question, and a POST that answers it. */
export function signInPages(server: FastifyInstance, pages: SignInPages): void {
  const { context, provider, publicUrl } = pages;
  const cookie = browserCookie(publicUrl.startsWith('https:'));
  const quiet = { exposeHeadRoute: false }; // whoever only looks at a link uses nothing up
  limitByNetwork(server, (reply) => show(reply, 429, tooMany));
  readForms(server);
  server.setErrorHandler(sayTrouble(pages.trouble));
  server.setNotFoundHandler((_request, reply) => show(reply, 404, gone));

  server.get('/callback', quiet, async (request, reply) => {
    const browser = cookie.read(request);
    const { state } = request.query as { state?: unknown };
    if (browser === null || typeof state !== 'string') return show(reply, 404, gone);
    if (!(await isAwaited(context, state, browser))) return show(reply, 404, gone);
    await provider.ready();
    const round = await comeBack(context, state, browser);
    if (round === null) return show(reply, 404, gone);
    const as = await provider.signedIn(new URL(request.url, publicUrl), { ...round, state });
    if (as === null) return show(reply, 403, notSignedIn);
    await keepSignedIn(context, round.id, as);
    return secured(reply).redirect(`${publicUrl}${PREFIX}/ask/${round.id}`, 303);
  });

  server.get('/ask/:id', quiet, async (request, reply) => {
    const found = await asking(request);
    return found ? show(reply, 200, await question(pages, found.asked, found.token)) : show(reply, 404, gone);
  });

  server.post('/ask/:id', async (request, reply) => {
    const found = await asking(request);
    if (found === null) return show(reply, 404, gone);
    const { token } = (request.body ?? {}) as { token?: string };
    const { asked, browser } = found;
    if (!isFormToken(token ?? null, browser, asked.signIn.id)) return show(reply, 404, gone);
    return answer(pages, { asked, browser, requestId: request.id }, reply);
  });

  server.get('/:code', quiet, async (request, reply) => {
    const { code } = request.params as { code: string };
    if (!(await leadsAway(context, code, cookie.read(request)))) return show(reply, 404, gone);
    await provider.ready(); // before the code is this browser's
    const browser = cookie.give(request, reply);
    const secrets = provider.secrets();
    const demand = await openCode(context, code, browser, secrets);
    if (demand === null) return show(reply, 404, gone);
    return secured(reply).redirect(await provider.address(secrets, demand), 303);
  });

  const asking = async (request: FastifyRequest) => {
    const { id } = request.params as { id: string };
    const browser = cookie.read(request);
    const asked = browser === null ? null : await askedOf(context, id, browser);
    return asked && browser ? { asked, browser, token: formToken(browser, id) } : null;
  };
}

const show = (reply: FastifyReply, status: number, { title, body }: Page): FastifyReply =>
  send(reply, status, title, body);

async function question({ nameOf }: SignInPages, asked: Asked, token: string): Promise<Page> {
  const { signIn, at } = asked;
  const account = accountWords(signIn.account, await nameOf(signIn.account));
  if (signIn.purpose === 'link') return linkPage(asked, account, token);
  if (at === null) return gone;
  const operator = at.accounts.get(at.grant.requester) ?? '';
  return stepUpPage(asked, { account, operator: accountWords(operator, await nameOf(operator)), at }, token);
}

async function answer(
  { context, actor }: SignInPages,
  { asked, browser, requestId }: { asked: Asked; browser: string; requestId: string },
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { signIn } = asked;
  if (signIn.purpose === 'link') {
    const refusal = await agreeToLink(context, { signIn, browser, requestId });
    if (refusal?.kind === 'unknown_sign_in') return show(reply, 404, gone);
    return refusal ? show(reply, 409, whyNot(refusal)) : show(reply, 200, linkAsked);
  }
  const now = await actor(signIn.account);
  return after(await approveSignedIn(context, { signIn, browser, actor: now, requestId }), reply);
}

function after(outcome: Outcome, reply: FastifyReply): FastifyReply {
  if (outcome.kind !== 'refused') return show(reply, 200, approved);
  if (outcome.refusal.kind === 'unknown_sign_in') return show(reply, 404, gone);
  return show(reply, 409, whyNot(outcome.refusal));
}

/** A form's fields, each once; nothing else is read here. */
function readForms(server: FastifyInstance): void {
  const options = { parseAs: 'string', bodyLimit: 4_096 } as const;
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/x-www-form-urlencoded', options, async (_request: unknown, body: string) => {
    const fields = new URLSearchParams(body);
    return fields.size === new Set(fields.keys()).size ? Object.fromEntries(fields) : {};
  });
}

/** What went wrong, as a page that says no more than that. */
const sayTrouble =
  (trouble: Trouble) =>
  (error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    if (error instanceof ProviderSilent) {
      trouble.outage(error);
      return show(reply, 503, silent);
    }
    if (error instanceof ProviderOdd) {
      trouble.outage(error);
      return show(reply, 502, unusable);
    }
    const { status } = refusalOf(error, trouble, request);
    return show(reply, status, status < 500 ? gone : troubleWords);
  };

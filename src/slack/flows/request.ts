import type { SlackOptionsMiddlewareArgs } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import { hasRole } from '../../domain/people.ts';
import type { Kind } from '../../domain/words.ts';
import { request } from '../../usecases/request.ts';
import { slackFailure } from '../clients.ts';
import { actingPerson, type Door, isKnownOperator } from '../door.ts';
import { limits } from '../limits.ts';
import { addressOfReview } from '../permalinks.ts';
import { refusalSentence, unknownStandingSentence } from '../views/refusals.ts';
import {
  type FormGrounds,
  type FormState,
  messageModal,
  parseRequestForm,
  requestForm,
  skeleton,
  tenantOption,
} from '../views/request-form.ts';
import { answerSubmission, type CommandArgs, openForm, requestIdOf, type SubmissionArgs, tell } from './asking.ts';

/**
 * `/breakglass` or `/support-access` alone: the form. Somebody remembered as an operator gets it at once; anybody else
 * waits at an empty one until it is known who they are, so that no tenant's name is shown to a stranger.
 */
export async function openRequestForm(door: Door, kind: Kind, args: CommandArgs): Promise<void> {
  const { command, respond } = args;
  const known = isKnownOperator(door.directory.remembered(command.user_id));
  const form = () => formFor(door, kind);
  const view = await openForm(door, command.trigger_id, known ? form().text : skeleton(kind));
  if (view === null) {
    await tell(door, respond, 'Slack did not open the form in time. Type the command again.');
    return;
  }
  if (known) return;
  const actor = await actingPerson(door, command.user_id);
  const allowed = hasRole(actor, 'operator');
  if (!allowed) {
    const refusal = { kind: 'not_an_operator' } as const;
    await door.context.refusals.record({ actor, verb: 'request', refusal, about: null, requestId: requestIdOf(args) });
  }
  const sentence =
    actor.standing === 'unknown' ? unknownStandingSentence : refusalSentence({ kind: 'not_an_operator' });
  await door.slack.quick.views
    .update({ view_id: view, view: allowed ? form().view : messageModal('No access', sentence) })
    .catch((error: unknown) =>
      tell(door, respond, allowed ? `Type the command again (${slackFailure(error).error}).` : sentence),
    );
}

interface MadeForm {
  view: ModalView;
  text: string;
}
const lastForms = new Map<Kind, MadeForm & Omit<FormGrounds, 'kind'>>();

/** The form is the same for every operator until the tenants or the scopes are others: it is made once for all of them. */
function formFor(door: Door, kind: Kind): MadeForm {
  const [tenants, { scopes }] = [door.tenants(), door.settings()];
  const last = lastForms.get(kind);
  if (last?.tenants === tenants && last.scopes === scopes) return last;
  const view = requestForm({ kind, tenants, scopes });
  const made = { tenants, scopes, view, text: JSON.stringify(view) };
  lastForms.set(kind, made);
  return made;
}

/** The submitted form: everything is looked at again, whatever the form offered. */
export const submitRequest = (door: Door, kind: Kind, args: SubmissionArgs): Promise<void> => {
  const { body, view } = args;
  return answerSubmission(door, args, 'Request', async () => {
    const { tenantKey, scope, ...rest } = parseRequestForm(kind, view.state.values as FormState);
    const [actor, groupMembers] = await Promise.all([actingPerson(door, body.user.id), door.directory.groupMembers()]);
    if (scope === undefined) {
      const refusal = {
        kind: 'scope_of_other_command',
        scope: kind === 'break_glass' ? 'audit_view' : 'content_access',
      } as const;
      await door.context.refusals.record({
        actor,
        verb: 'request',
        refusal,
        about: tenantKey,
        requestId: requestIdOf(args),
      });
      return refusal;
    }
    const command = { actor, directMessage: body.user.id, tenantKey, asked: { kind, scope, ...rest }, groupMembers };
    const outcome = await request(door.context, command, { requestId: requestIdOf(args), deliveryKey: view.id });
    const overdue = outcome.kind === 'refused' && outcome.refusal.kind === 'review_overdue' ? outcome.refusal : null;
    return { actor, outcome, address: overdue && (await addressOfReview(door, overdue.grant)) };
  });
};

/** Tenants as an operator types; for anybody else there are none. */
export async function suggestTenants(
  door: Door,
  { ack, body, payload }: SlackOptionsMiddlewareArgs<'block_suggestion'>,
): Promise<void> {
  const known = door.directory.remembered(body.user.id) ?? (await door.directory.lookUp(body.user.id));
  const wanted = payload.value.toLowerCase();
  const found = isKnownOperator(known)
    ? door.tenants().filter(({ key, name }) => key.includes(wanted) || name.toLowerCase().includes(wanted))
    : [];
  await ack({ options: found.slice(0, limits.options).map(tenantOption) });
}

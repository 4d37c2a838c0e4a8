/** Everything that the bot posts or opens can be shown, whatever was typed into it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asString, isObject, type Json, type JsonObject, objectsIn } from '../../../../sandbox/slack/json.ts';
import { auditActions } from '../../../../src/domain/audit.ts';
import { anything } from '../../../../src/domain/trail.ts';
import { kinds } from '../../../../src/domain/words.ts';
import { auditFilterForm } from '../../../../src/slack/views/audit-filter-form.ts';
import { auditTrailMessage } from '../../../../src/slack/views/audit-trail.ts';
import { card, type Message } from '../../../../src/slack/views/card.ts';
import { approveShorterForm, denyForm, revokeForm } from '../../../../src/slack/views/decision-forms.ts';
import * as link from '../../../../src/slack/views/link.ts';
import * as messages from '../../../../src/slack/views/messages.ts';
import { messageModal, requestForm, skeleton } from '../../../../src/slack/views/request-form.ts';
import { reviewCard } from '../../../../src/slack/views/review-card.ts';
import { attachForm, excuseForm, reviewForm } from '../../../../src/slack/views/review-form.ts';
import * as reviews from '../../../../src/slack/views/review-messages.ts';
import { checkpointMessage, sealAlarmMessage } from '../../../../src/slack/views/seal.ts';
import { chooseEnd, helpMessage, statusMessage } from '../../../../src/slack/views/status.ts';
import { at, auditor, catalogue } from '../../../domain/builders.ts';
import { subject, subjectAndPlaces } from '../../../slack/views-grants.ts';
import { wire } from '../../../slack/views-markup.ts';
import * as notices from '../../../slack/views-notices.ts';
import { openReview, reviewSubject } from '../../../slack/views-reviews.ts';
import { name, text } from '../../../slack/views-texts.ts';
import { drawnBlocks, drawnViews, viewOf } from './drawn.ts';

const several = fc.uniqueArray(subject, { minLength: 1, maxLength: 8, selector: ({ grant }) => grant.id });
const page = 'https://breakglass.example.com/sign-in/x';
const until = '2026-01-05T09:10:00.000Z';

const trail = fc.array(fc.tuple(fc.constantFrom(...auditActions), text(300)), { maxLength: 10 }).map((rows) =>
  auditTrailMessage({
    ...{ tenant: { key: 'acme', name: 'Acme' }, wish: anything, until: at(60) },
    filter: { from: at(0), to: null, person: null, actions: null, kind: null },
    page: {
      rows: rows.map(([action, reason], index) => ({
        ...{
          id: String(index),
          at: at(index),
          action,
          actor: 'slack:T0HOME:U0OPS',
          tenant: 'acme',
          details: { reason },
        },
      })),
      ...{ older: '7', reached: at(0) },
    },
  }),
);

const MESSAGES: { [of: string]: fc.Arbitrary<Message> } = {
  'a card': subjectAndPlaces.chain(({ subject: of, places }) =>
    fc.constantFrom(...places.map((each) => card(of, each))),
  ),
  'a fact': notices.told.map(({ notice, subject: of }) => messages.factMessage(notice, of)),
  'several facts': fc.array(notices.told, { minLength: 2, maxLength: 5 }).map(messages.foldedMessage),
  'unusual use': notices.unusualUse.map(({ notice, subject: of }) => messages.unusualUseMessage(notice, of)),
  'the digest': notices.summary.map(messages.digestMessage),
  'an undeliverable notice': notices.undeliverable.map(messages.undeliverableMessage),
  'a tenant that changed': notices.tenantChanged.map(messages.tenantChangedMessage),
  'a role that changed': notices.roleChanged.map(messages.roleChangedMessage),
  'what is open': several.map((open) => statusMessage('Open', open, 'Nothing.', 'Also.')),
  'what could be ended': several.map(chooseEnd),
  help: fc.constantFrom(...kinds).map(helpMessage),
  'the card of a review': reviewSubject.map(reviewCard),
  'an overdue review': fc
    .tuple(subject, fc.constantFrom('reviewers' as const, 'operator' as const))
    .map(([of, audience]) =>
      reviews.reviewOverdueMessage({ kind: 'review_overdue', grant: of.grant.id, audience }, of),
    ),
  'the day’s reviews': fc
    .array(openReview, { minLength: 1, maxLength: 5 })
    .map((open) => reviews.openReviewsMessage({ kind: 'reviews_open', reviews: open, more: 3 })),
  'the list of reviews': reviewSubject.map((of) =>
    reviews.reviewsMessage([{ subject: of, review: { ...of.review, reviewed: null }, address: page }], 'all', auditor),
  ),
  'a page of the trail': trail,
  'a sealed head': text(200).map((note) => checkpointMessage({ kind: 'checkpoint', tenant: 'acme', size: 7, note })),
  'an alarm': fc.constant(sealAlarmMessage({ kind: 'seal_alarm', trouble: 'forked', since: until })),
  'an offer to sign in': fc.constantFrom(link.linkOffer(page), link.stepUpOffer(page)),
  'the question who it was': name(80).map((of) =>
    link.linkQuestionMessage({
      ...{ kind: 'link_question', signIn: 's1', issuer: 'https://id.example.com', subject: of, until },
    }),
  ),
  'a changed identity': fc.constant(
    link.identityChangedMessage({ kind: 'identity_changed', account: 'T0HOME:U0OPS', change: 'linked' }),
  ),
};

const tenants = (many: number) =>
  Array.from({ length: many }, (_, index) => ({ key: `t${index}`, name: `Tenant ${index}` }));

const MODALS: { [of: string]: fc.Arbitrary<unknown> } = {
  'the form of a request': fc
    .tuple(fc.constantFrom(...kinds), fc.constantFrom(0, 3, 200))
    .map(([kind, many]) => requestForm({ kind, tenants: tenants(many), scopes: catalogue })),
  'its skeleton': fc.constantFrom(...kinds).map(skeleton),
  'a sentence': fc.tuple(text(100), text(1000)).map(([title, says]) => messageModal(title, says)),
  'a decision': fc.constantFrom(denyForm, revokeForm, approveShorterForm).map((form) => form('1f0c:owner')),
  'a review': fc.constantFrom(reviewForm, excuseForm, attachForm).map((form) => form('1f0c')),
  'the filter of a trail': fc.constant(
    auditFilterForm('all', { wish: { ...anything, person: 'slack:T0HOME:U0OPS' }, before: null }),
  ),
  'a fresh sign-in': fc.constant(link.stepUpModal('Approve', page)),
};

/** Every plain text in it, which is shown to the letter. */
const plainTexts = (value: Json): string[] => {
  if (Array.isArray(value)) return value.flatMap(plainTexts);
  if (!isObject(value) || value.type === 'mrkdwn') return [];
  // A question is drawn when its button is pressed, options when their menu opens.
  const { confirm: _, placeholder: __, ...seen } = value;
  if (value.type === 'static_select') return [];
  return value.type === 'plain_text' ? [asString(value.text) ?? ''] : Object.values(seen).flatMap(plainTexts);
};

const shownWhole = (drawn: { text: string }, of: Json) => {
  for (const words of plainTexts(of)) expect(drawn.text).toContain(words);
};

describe.each(Object.entries(MESSAGES))('the message about %s', (_, made) => {
  test('can be shown', () => {
    fc.assert(
      fc.property(made, ({ blocks }) => {
        const sent: JsonObject[] = objectsIn(wire(blocks));
        shownWhole(drawnBlocks(...sent), sent);
      }),
      { numRuns: 60 },
    );
  });
});

describe.each(Object.entries(MODALS))('%s', (_, made) => {
  test('can be shown', () => {
    fc.assert(
      fc.property(made, (view) => {
        const [sent = {}] = objectsIn([wire(view)]);
        shownWhole(drawnViews([viewOf(sent)]), sent);
      }),
      { numRuns: 30 },
    );
  });
});

import { describe, expect, test } from 'vitest';
import {
  identityChangedMessage,
  linkedSentence,
  linkQuestionMessage,
  stepUpModal,
  stepUpOffer,
} from '../../src/slack/views/link.ts';
import { tricks } from './views-texts.ts';

const until = '2026-01-05T09:10:00.000Z';
const question = (subject: string) =>
  linkQuestionMessage({ kind: 'link_question', signIn: 's1', issuer: 'https://id.example.com', subject, until });

describe('a subject is text', () => {
  test.each(tricks)('%s', (subject) => {
    const plain = JSON.stringify(question('harmless').blocks);
    const marks = (text: string) => text.match(/<[^<>]*>|[*~`]|\\n/g) ?? [];
    expect(marks(JSON.stringify(question(subject).blocks))).toEqual(marks(plain));
  });
});

test('a page opens by its address alone; Slack is told nothing of it', () => {
  const offer = stepUpOffer('https://breakglass.example.com/sign-in/x');
  expect(offer.blocks.at(-1)).toMatchObject({
    elements: [{ action_id: 'open_sign_in', url: 'https://breakglass.example.com/sign-in/x' }],
  });
  expect(offer.blocks.at(-1)).not.toMatchObject({ elements: [{ value: expect.anything() }] });
  expect(stepUpModal('Approve for less time', 'https://x.example.com').title.text.length).toBeLessThanOrEqual(24);
});

test('security is told who, and what to do', () => {
  const { text } = identityChangedMessage({ kind: 'identity_changed', account: 'T0HOME:U0OMAR', change: 'linked' });
  expect(text).toContain('<@U0OMAR> linked');
  expect(linkedSentence('oidc:i#s', null)).not.toContain('carries approvals from');
});

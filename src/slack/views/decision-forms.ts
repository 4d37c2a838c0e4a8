import type { InputBlock, ModalView } from '@slack/types';
import { fields, modals } from '../ids.ts';
import { limits } from '../limits.ts';
import { plain } from '../text.ts';
import { minutesOption } from './request-form.ts';

export const comment = (label: string, optional: boolean): InputBlock => ({
  type: 'input',
  block_id: fields.comment,
  optional,
  label: plain(label),
  // Slack counts UTF-16 units here; the rule counts characters and is checked on submission.
  element: { type: 'plain_text_input', action_id: fields.comment, multiline: true, max_length: limits.inputText },
});

export const form = (
  callback: string,
  title: string,
  submit: string,
  subject: string,
  blocks: InputBlock[],
): ModalView => ({
  type: 'modal',
  callback_id: callback,
  // Opaque and checked again on submission: which grant and leg this is about.
  private_metadata: subject,
  title: plain(title, limits.modalTitle),
  submit: plain(submit, limits.modalTitle),
  close: plain('Cancel', limits.modalTitle),
  blocks,
});

/** Why a request is denied; the requester and the audit trail get it. */
export const denyForm = (subject: string): ModalView =>
  form(modals.denyReason, 'Deny the request', 'Deny', subject, [
    comment('Reason, for the requester and the record', false),
  ]);

/** Why access is stopped. */
export const revokeForm = (subject: string): ModalView =>
  form(modals.revokeReason, 'Revoke access', 'Revoke', subject, [
    comment('Reason, for everyone involved and the record', false),
  ]);

const shorter = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 240, 360, 480, 720];

/** Approve for less time than asked. Which times are shorter is checked on submission. */
export const approveShorterForm = (subject: string): ModalView =>
  form(modals.approveShorter, 'Approve for less time', 'Approve', subject, [
    {
      type: 'input',
      block_id: fields.duration,
      label: plain('How long'),
      hint: plain('Less than what was asked for. The clock starts when the last approval is given.', 2000),
      element: { type: 'static_select', action_id: fields.duration, options: shorter.map(minutesOption) },
    },
    comment('Comment', true),
  ]);

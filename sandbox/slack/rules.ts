/** Small pieces that rules about blocks are put together from. A rule reports what is wrong and where. */
import { isObject, type Json, type JsonObject } from './json.ts';

export interface Violation {
  /** JSON pointer of the offending value, e.g. `/blocks/0/text/text`. */
  pointer: string;
  message: string;
}

export type Rule = (value: Json, at: string, found: Violation[]) => void;

const report = (found: Violation[], pointer: string, message: string) => found.push({ pointer, message });

export const string =
  (max: number, min = 0): Rule =>
  (value, at, found) => {
    if (typeof value !== 'string') report(found, at, 'must be a string');
    else if (value.length > max) report(found, at, `must be less than ${max + 1} characters`);
    else if (value.length < min) report(found, at, `must be more than ${min - 1} characters`);
  };

export const boolean: Rule = (value, at, found) => {
  if (typeof value !== 'boolean') report(found, at, 'must be a boolean');
};

export const integer =
  (min: number, max: number): Rule =>
  (value, at, found) => {
    if (!Number.isInteger(value)) report(found, at, 'must be an integer');
    else if (Number(value) < min || Number(value) > max) report(found, at, `must be between ${min} and ${max}`);
  };

export const oneOf =
  (...allowed: string[]): Rule =>
  (value, at, found) => {
    if (typeof value !== 'string' || !allowed.includes(value)) {
      report(found, at, `must be one of: ${allowed.join(', ')}`);
    }
  };

export const matching =
  (pattern: RegExp, shape: string): Rule =>
  (value, at, found) => {
    if (typeof value !== 'string' || !pattern.test(value)) report(found, at, `must be ${shape}`);
  };

export const list =
  (rule: Rule, { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number }): Rule =>
  (value, at, found) => {
    if (!Array.isArray(value)) return void report(found, at, 'must be an array');
    if (value.length > max) report(found, at, `no more than ${max} items allowed`);
    if (value.length < min) report(found, at, `no fewer than ${min} items allowed`);
    for (const [index, item] of value.entries()) rule(item, `${at}/${index}`, found);
  };

type Fields = { [key: string]: Rule };

/** An object with exactly these fields; a typo in a name is an error, as it is at Slack. */
export const shape =
  (required: Fields, optional: Fields = {}): Rule =>
  (value, at, found) => {
    if (!isObject(value)) return void report(found, at, 'must be an object');
    for (const key of Object.keys(required)) {
      if (value[key] === undefined || value[key] === null) report(found, at, `missing required field: ${key}`);
    }
    for (const [key, field] of Object.entries(value)) {
      const rule = required[key] ?? optional[key];
      if (rule === undefined) report(found, at, `invalid additional property: ${key}`);
      else if (field !== null) rule(field, `${at}/${key}`, found);
    }
  };

/** Several rules on one value. */
export const all =
  (...rules: Rule[]): Rule =>
  (value, at, found) => {
    for (const rule of rules) rule(value, at, found);
  };

/** A condition across the fields of an object that already has its shape. */
export const check =
  (holds: (object: JsonObject) => boolean, message: string, field = ''): Rule =>
  (value, at, found) => {
    if (isObject(value) && !holds(value)) report(found, `${at}${field}`, message);
  };

/** Chooses the rule by the object's `type`; an unknown type is an error, never let through. */
export const byType =
  (rules: Fields, allowed: readonly string[] = Object.keys(rules)): Rule =>
  (value, at, found) => {
    if (!isObject(value)) return void report(found, at, 'must be an object');
    const type = typeof value.type === 'string' ? value.type : '';
    const rule = allowed.includes(type) ? rules[type] : undefined;
    if (rule === undefined) report(found, at, `unsupported type: ${type}`);
    else rule(value, at, found);
  };

export const typed = (type: string, required: Fields, optional: Fields = {}): Rule =>
  shape({ type: oneOf(type), ...required }, optional);

export const plainText = (max: number): Rule => typed('plain_text', { text: string(max, 1) }, { emoji: boolean });

export const mrkdwn = (max: number): Rule => typed('mrkdwn', { text: string(max, 1) }, { verbatim: boolean });

export const anyText = (max: number): Rule => byType({ plain_text: plainText(max), mrkdwn: mrkdwn(max) });

/** Slack's own wording of a violation, as in `response_metadata.messages`. */
export const sentence = ({ pointer, message }: Violation): string => `[ERROR] ${message} [json-pointer:${pointer}]`;

import { expect, test } from 'vitest';
import { backoff } from '../../src/jobs/drain-outbox.ts';

test('the first pause after a failure is a second at most', () => {
  expect(backoff(0, () => 1)).toBe(1_000);
});

import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';

/** Runs the sandbox as `npm run sandbox` does, where it stops before it starts anything. */
const run = (...words: string[]) =>
  new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'sandbox/main.ts', ...words], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });

test('a page on a port that is taken does not start, and says which', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = typeof address === 'object' && address ? String(address.port) : '';
  const { code, out, err } = await run('--port', port);
  expect(err.replace(/^\(node.*$/gm, '')).toBe(`Port ${port} is taken. Name another one, or 0 for any that is free.\n`);
  expect([code, out]).toEqual([1, '']);
  other.close();
});

test.each([
  ['--port', 'http', '0 or a number from 1024 to 65535'],
  ['--port', '80', '0 or a number from 1024 to 65535'],
  ['--tenants', '501', 'a number from 0 to 500'],
])('%s %s is refused with what was expected', async (option, value, expected) => {
  const { code, err } = await run(`${option}=${value}`);
  expect(code).toBe(2);
  expect(err).toContain(`${option}: expected ${expected}, found "${value}"`);
});

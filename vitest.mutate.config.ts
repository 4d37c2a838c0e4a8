import { defineConfig } from 'vitest/config';

/** What `npm run mutate` runs against each mutant: the rules' own tests, which need no database. */
export default defineConfig({
  test: { include: ['test/domain/**/*.test.ts'], setupFiles: 'test/support/seed.ts' },
});

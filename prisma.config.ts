import { defineConfig } from 'prisma/config';

// Prisma's command line looks for an engine binary that it would download. `generate`, `format` and `validate`
// never run it, so any executable satisfies the look-up and nothing is fetched (docs/adr/0005).
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma' });

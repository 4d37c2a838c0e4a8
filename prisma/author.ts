import { mkdirSync, writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { reachableTemporary } from '../src/store/embedded/binaries.ts';
import { startEmbeddedServer } from '../src/store/embedded/server.ts';
import {
  driverOf,
  everything,
  migrationsList,
  openEngine,
  prismaDirectory,
  schemaText,
  wholeScripts,
} from '../src/store/migrations/engine.ts';

/**
 * Compares the migrations with prisma/schema.prisma, in a throw-away PostgreSQL.
 *   tsx prisma/author.ts --check     exits 1 and prints the difference, if there is one
 *   tsx prisma/author.ts NAME        drafts prisma/migrations/<time>_NAME/migration.sql from it
 */
async function main(argument: string | undefined): Promise<number> {
  if (argument === undefined || (argument !== '--check' && !/^[a-z][a-z0-9_]*$/.test(argument))) {
    console.error('Usage: npm run migrate:new NAME, where NAME is lower case letters, digits and underscores.');
    return 2;
  }
  const difference = await compare();
  const none = difference === '' || difference.includes('This is an empty migration');
  if (argument === '--check') {
    if (none) return 0;
    console.error(`The migrations differ from prisma/schema.prisma. What is missing:\n${difference}`);
    return 1;
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(prismaDirectory, 'migrations', `${stamp}_${argument}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    path.join(folder, 'migration.sql'),
    none ? '-- Nothing to change in the tables; write the SQL here.\n' : difference,
  );
  console.log(path.join(folder, 'migration.sql'));
  return 0;
}

async function compare(): Promise<string> {
  const dataDir = await mkdtemp(path.join(await reachableTemporary(), 'breakglass-author-'));
  await chmod(dataDir, 0o711);
  const server = await startEmbeddedServer({ dataDir, durable: false });
  try {
    const url = server.url('postgres');
    const { engine, close } = await openEngine(url, shadowOf(url));
    const { stdout } = await engine
      .diff({
        from: { tag: 'migrations', ...migrationsList() },
        to: { tag: 'schemaDatamodel', files: [{ path: 'prisma/schema.prisma', content: schemaText() }] },
        script: true,
        exitCode: null,
        filters: everything,
      })
      .finally(close);
    return stdout ?? '';
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

type Shadow = Awaited<ReturnType<SqlMigrationAwareDriverAdapterFactory['connectToShadowDb']>>;

/** The adapter drops its own shadow database while its pool is still connected, which fails: end first, then drop. */
const shadowOf = (url: string) => async (): Promise<Shadow> => {
  const database = `shadow_${crypto.randomUUID().replaceAll('-', '')}`;
  const home = await new PrismaPg({ connectionString: url }).connect();
  await home.executeScript(`create database ${database}`);
  const there = new URL(url);
  there.pathname = `/${database}`;
  const adapter = await new PrismaPg({ connectionString: there.href }).connect();
  const dispose = adapter.dispose.bind(adapter);
  adapter.dispose = async () => {
    await dispose();
    await home.executeScript(`drop database ${database} with (force)`);
    await home.dispose();
  };
  return introspectable(wholeScripts(adapter));
};

/** Introspection reads "char" columns (OID 18), which the adapter refuses: pass them as single characters. */
function introspectable(adapter: Shadow): Shadow {
  const pool = driverOf(adapter);
  const query = pool.query.bind(pool);
  const queryRaw = adapter.queryRaw.bind(adapter);
  let chars: number[] = []; // the engine asks one question at a time
  pool.query = async (...args) => {
    const result = await query(...args);
    chars = (result.fields ?? []).flatMap((field, i) => (field.dataTypeID === 18 ? [i] : []));
    for (const i of chars) {
      const field = result.fields?.[i];
      if (field) field.dataTypeID = 25;
    }
    return result;
  };
  adapter.queryRaw = async (sql) => {
    const result = await queryRaw(sql);
    for (const i of chars) result.columnTypes[i] = ColumnTypeEnum.Character;
    return result;
  };
  return adapter;
}

process.exitCode = await main(process.argv[2]);

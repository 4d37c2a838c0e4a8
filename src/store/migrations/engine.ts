import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  DriverAdapterError,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import type pg from 'pg';

/** Where the schema and the migrations stand: beside `src` in a checkout, beside `dist` in the image. */
export const prismaDirectory = fileURLToPath(new URL('../../../prisma', import.meta.url));

/** What the engine needs to know of the migrations, as `prisma migrate` would send it. */
export const migrationsList = () => {
  const baseDir = path.join(prismaDirectory, 'migrations');
  return {
    baseDir,
    shadowDbInitScript: '',
    lockfile: { path: 'migration_lock.toml', content: readFileSync(path.join(baseDir, 'migration_lock.toml'), 'utf8') },
    migrationDirectories: migrationNames(baseDir).map((name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: readFileSync(path.join(baseDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  };
};

const migrationNames = (baseDir: string) =>
  readdirSync(baseDir)
    .filter((name) => existsSync(path.join(baseDir, name, 'migration.sql')))
    .sort();

export const schemaText = () => readFileSync(path.join(prismaDirectory, 'schema.prisma'), 'utf8');

/** Every table and enum is in the schema: the engine may look at all of them. */
export const everything = { externalTables: [], externalEnums: [] };

// Node has it; the types of Node 20 don't say so.
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

let loaded = false;
function loadEngine(): void {
  if (loaded) return;
  const require = createRequire(import.meta.url);
  const wasm = path.join(path.dirname(require.resolve('@prisma/schema-engine-wasm')), 'schema_engine_bg.wasm');
  const module = new WebAssembly.Module(readFileSync(wasm));
  const instance = new WebAssembly.Instance(module, { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === 'function') start();
  loaded = true;
}

type Adapter = Awaited<ReturnType<SqlMigrationAwareDriverAdapterFactory['connectToShadowDb']>>;

/** The pool below a pg adapter. */
export interface Driver {
  query(...args: unknown[]): Promise<{ fields?: { dataTypeID: number }[] }>;
}

export function driverOf(adapter: object): Driver {
  const driver =
    'underlyingDriver' in adapter && typeof adapter.underlyingDriver === 'function' && adapter.underlyingDriver();
  if (!driver || typeof driver.query !== 'function') throw new Error('The pg adapter no longer shows its driver.');
  return driver;
}

/**
 * The adapter splits a script at each semicolon, those inside function bodies and comments too. Sent whole, PostgreSQL
 * reads it as it should, and runs it as one transaction.
 */
export function wholeScripts<A extends Adapter>(adapter: A): A {
  const driver = driverOf(adapter);
  adapter.executeScript = async (script) => {
    await driver.query(script).catch((error: pg.DatabaseError) => {
      const { code = 'XX000', severity = 'ERROR', message, detail, hint, column } = error;
      throw new DriverAdapterError({ kind: 'postgres', code, severity, message, detail, hint, column });
    });
  };
  return adapter;
}

/**
 * Prisma's own migration engine, compiled to WebAssembly, over the pg adapter (docs/adr/0005).
 * `connectToShadowDb` is asked for only when comparing the migrations with the schema.
 */
export async function openEngine(
  url: string,
  connectToShadowDb: SqlMigrationAwareDriverAdapterFactory['connectToShadowDb'],
) {
  loadEngine();
  const connections: Adapter[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: async () => {
      const connection = wholeScripts(await new PrismaPg({ connectionString: url }).connect());
      connections.push(connection);
      return connection;
    },
    connectToShadowDb,
  });
  const engine = await glue.SchemaEngine.new(
    { datamodels: [['prisma/schema.prisma', schemaText()]] },
    () => {},
    factory,
  );
  const close = async () => {
    engine.free();
    await Promise.all(connections.map((connection) => connection.dispose().catch(() => {})));
  };
  return { engine, close };
}

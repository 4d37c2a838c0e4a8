import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The page's own program and its looks, made from the sources at every start and kept in memory. */
export interface Bundle {
  script: string;
  styles: string;
}

export async function bundlePage(entry: URL): Promise<Bundle> {
  try {
    const { outputFiles } = await build({
      entryPoints: { page: fileURLToPath(entry) },
      outdir: 'page',
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'none',
      logLevel: 'silent',
    });
    const ending = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return { script: ending('.js'), styles: ending('.css') };
  } catch (error) {
    throw new Error(`The page could not be built. ${error instanceof Error ? error.message : String(error)}`);
  }
}

import { build } from 'esbuild';

/** Bundles a script and all that it imports for browsers, as one ES module. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    ...{ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'browser' },
    ...{ target: 'es2022', logLevel: 'error' },
  });
}

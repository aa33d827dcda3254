import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import type { Requirements } from '../../src/library/requirements.ts';

const install = fileURLToPath(new URL('../../src/library/install.ts', import.meta.url));

/** Starts a process of its own that installs what `requirements` pins. */
export function spawnInstaller(
  folder: string,
  requirements: Requirements,
  cacheDir: string,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  const plan = JSON.stringify({ target: 'linux-x64', flavour: 'cpu', requirements });
  const outfile = join(folder, 'installer.mjs');
  buildSync({
    stdin: {
      contents: `import { installPlan } from ${JSON.stringify(install)};
        const { source } = await installPlan(${plan}, { cacheDir: ${JSON.stringify(cacheDir)} });
        console.log(source);`,
      resolveDir: folder,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
  });
  return spawn(process.execPath, [outfile], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What a process printed, once it has ended. */
export async function outcome(
  child: ChildProcess,
): Promise<{ code: number | null; stdout: string }> {
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, stdout };
}

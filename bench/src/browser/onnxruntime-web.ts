import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheRoot } from '@bag-of-tricks/libtensorflow';
import { runLoud } from '../contestants/run-loud.ts';

const version = '1.30.0';

/**
 * The folder of onnxruntime-web's files, in the user's cache. Installed by npm on first use: 139 MB, which whoever does not compare with it
 * is spared.
 */
export async function findOnnxruntimeWeb(report: (text: string) => void): Promise<string> {
  const folder = join(cacheRoot(), `bench-onnxruntime-web-${version}`);
  const stamp = join(folder, 'complete');
  if (!existsSync(stamp)) {
    report(`installing onnxruntime-web into ${folder}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund'];
    await runLoud(
      'npm',
      ['install', '--prefix', folder, ...flags, `onnxruntime-web@${version}`],
      'Leave out the contestant onnxruntime-web where npm has no registry.',
    );
    await writeFile(stamp, version);
  }
  return join(folder, 'node_modules/onnxruntime-web/dist');
}

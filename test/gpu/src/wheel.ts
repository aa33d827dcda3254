import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** TensorFlow built for CUDA, as `installLibrary({ gpu: true })` pins it; the wheel's name has the Python, and its libraries need none. */
const PINS = new URL(
  '../../../packages/libtensorflow/requirements/linux-x64-gpu.txt',
  import.meta.url,
);
const LIBRARIES = ['framework', 'cc'].map((name) => `tensorflow/libtensorflow_${name}.so.2`);

export interface PinnedWheel {
  readonly version: string;
  readonly sha256: string;
}

/** What the pins say of TensorFlow's own wheel. */
export function pinnedWheel(): PinnedWheel {
  const pin = /^tensorflow==(\S+) --hash=sha256:(\S+)$/m.exec(readFileSync(PINS, 'utf8'));
  if (pin === null) throw new Error(`pinnedWheel: expected tensorflow in ${PINS.pathname}`);
  return { version: pin[1]!, sha256: pin[2]! };
}

/**
 * Has pip fetch the wheel into `folder`, unless it is there, and unpacks its libraries into `scratch`.
 *
 * @returns Its name.
 * @throws Error when it is not the one that is pinned.
 */
export async function fetchWheel(
  { version, sha256 }: PinnedWheel,
  folder: string,
  scratch: string,
): Promise<string> {
  const tags = ['--only-binary=:all:', '--implementation=cp', '--python-version=3.11'];
  const platform = 'manylinux_2_27_x86_64';
  const what = [`--platform=${platform}`, `--dest=${folder}`, `tensorflow==${version}`];
  python('-m', 'pip', 'download', '--quiet', '--no-deps', ...tags, ...what);
  const wheel = `tensorflow-${version}-cp311-cp311-${platform}.whl`;
  if (!readdirSync(folder).includes(wheel)) {
    throw new Error(`fetchWheel: pip left no ${wheel} in ${folder}`);
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(folder, wheel))) hash.update(chunk as Buffer);
  const got = hash.digest('hex');
  if (got !== sha256)
    throw new Error(`fetchWheel: expected ${wheel} of sha256 ${sha256}, got ${got}`);
  const unpack =
    'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';
  python('-c', unpack, join(folder, wheel), scratch, ...LIBRARIES);
  return wheel;
}

function python(...args: readonly string[]): void {
  execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

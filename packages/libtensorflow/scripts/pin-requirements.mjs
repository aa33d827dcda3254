// Pins TensorFlow's wheels, and those that its extra `and-cuda` names, by version and hash:
//   pnpm build && node scripts/pin-requirements.mjs 2.21.0
// Writes requirements/<target>-<flavour>.txt. pip fetches each wheel (about 4 GB in all, deleted
// afterwards) from wherever the user's own configuration says.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { wheelTagArguments } from '../dist/library/wheel-tags.js';

const version = process.argv[2];
if (version === undefined) throw new Error('usage: node scripts/pin-requirements.mjs <version>');

const python = (...args) =>
  execFileSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Calls `use` with the path of each wheel that pip chooses for `names`, one after another. */
async function eachWheel(target, names, use) {
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'pin-requirements-'));
    try {
      python(
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        ...wheelTagArguments(target),
        '--dest',
        folder,
        name,
      );
      await use(join(folder, readdirSync(folder)[0]));
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
}

/** The lines that pin one wheel, and the wheels that its extra `and-cuda` asks for. */
async function pin(wheel) {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(wheel)) hash.update(chunk);
  const inspect = `
import email, json, sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
metadata = next(name for name in wheel.namelist() if name.endswith('.dist-info/METADATA'))
fields = email.message_from_bytes(wheel.read(metadata))
print(json.dumps({'name': fields['Name'].replace('_', '-'), 'version': fields['Version'],
  'unpacked': sum(entry.file_size for entry in wheel.infolist()),
  'requires': fields.get_all('Requires-Dist') or []}))`;
  const { name, version, unpacked, requires } = JSON.parse(python('-c', inspect, wheel));
  const lines = [
    `# ${name}: ${statSync(wheel).size} bytes to fetch, ${unpacked} unpacked`,
    `${name}==${version} --hash=sha256:${hash.digest('hex')}`,
  ];
  const cuda = requires
    .filter((line) => /extra == .and-cuda/.test(line))
    .map((line) => line.split(';')[0].trim());
  return { lines, cuda };
}

function write(target, flavour, lines) {
  const head = '# Made by scripts/pin-requirements.mjs: run it again instead of editing this.';
  const file = new URL(`../requirements/${target}-${flavour}.txt`, import.meta.url);
  writeFileSync(file, `${[head, ...lines].join('\n')}\n`);
}

for (const [target, flavour, name] of [
  ['linux-x64', 'cpu', 'tensorflow-cpu'],
  ['linux-arm64', 'cpu', 'tensorflow'],
  ['linux-x64', 'gpu', 'tensorflow'],
]) {
  const lines = [];
  let cuda = [];
  await eachWheel(target, [`${name}==${version}`], async (wheel) => {
    const pinned = await pin(wheel);
    lines.push(...pinned.lines);
    cuda = flavour === 'gpu' ? pinned.cuda : [];
  });
  await eachWheel(target, cuda, async (wheel) => lines.push(...(await pin(wheel)).lines));
  write(target, flavour, lines);
}

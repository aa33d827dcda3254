// Pins TensorFlow's wheels, and those that its extra `and-cuda` names, by version and hash:
//   pnpm build && node scripts/pin-requirements.mjs 2.21.0 [target...]
// Writes requirements/<target>-<flavour>.txt, of all targets if none is named. pip fetches each wheel (about 4 GB in all, deleted
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
import { WINDOWS_PYTHONS, wheelTagArguments } from '../dist/library/wheel-tags.js';

const [version, ...targets] = process.argv.slice(2);
if (version === undefined) {
  throw new Error('usage: node scripts/pin-requirements.mjs <version> [target...]');
}

const python = (...args) =>
  execFileSync('python3', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

/** Calls `use` with the path of each wheel that pip chooses for `names`, one after another. */
async function eachWheel(target, names, use, pythonVersion) {
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'pin-requirements-'));
    try {
      python(
        '-m',
        'pip',
        'download',
        '--quiet',
        '--no-deps',
        ...wheelTagArguments(target, pythonVersion),
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

/** One wheel: how it is named, its hash and sizes, and the wheels that its extra `and-cuda` asks for. */
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
  const cuda = requires
    .filter((line) => /extra == .and-cuda/.test(line))
    .map((line) => line.split(';')[0].trim());
  return { name, version, unpacked, cuda, fetched: statSync(wheel).size, hash: hash.digest('hex') };
}

/** The lines for wheels of which pip takes one. */
function linesOf(wheels) {
  const most = (key) => Math.max(...wheels.map((wheel) => wheel[key]));
  const hashes = wheels.map(({ hash }) => `--hash=sha256:${hash}`);
  return [
    `# ${wheels[0].name}: ${most('fetched')} bytes to fetch, ${most('unpacked')} unpacked`,
    `${wheels[0].name}==${wheels[0].version} ${hashes.join(' ')}`,
  ];
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
  ['darwin-arm64', 'cpu', 'tensorflow'],
  ['win32-x64', 'cpu', 'tensorflow'],
]) {
  if (targets.length > 0 && !targets.includes(target)) continue;
  const wheels = [];
  for (const pythonVersion of target === 'win32-x64' ? WINDOWS_PYTHONS : [undefined]) {
    const add = async (wheel) => wheels.push(await pin(wheel));
    await eachWheel(target, [`${name}==${version}`], add, pythonVersion);
  }
  const lines = linesOf(wheels);
  const cuda = flavour === 'gpu' ? wheels[0].cuda : [];
  await eachWheel(target, cuda, async (wheel) => lines.push(...linesOf([await pin(wheel)])));
  write(target, flavour, lines);
}

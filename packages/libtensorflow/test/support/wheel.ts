import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Requirements, readRequirements } from '../../src/library/requirements.ts';
import { fakeElf } from './elf.ts';
import { fakePython } from './programs.ts';

export interface TinyWheel {
  readonly requirements: Requirements;
  /** Makes pip take the wheel from here and ask no network. */
  readonly pipSettings: Readonly<Record<string, string>>;
  /** Leaves the real pip out: a stand-in on the PATH lays the same files down, in a twentieth of the time. */
  readonly fakePip: Readonly<Record<string, string>>;
}

export interface TinyWheelOptions {
  readonly arch?: 'x64' | 'arm64';
  readonly bodyBytes?: number;
  /** Pinned instead of the wheel's own. */
  readonly sha256?: string;
}

const zip = `
import sys, zipfile
folder, wheel = sys.argv[1:]
info = 'tensorflow_cpu-2.21.0.dist-info'
with zipfile.ZipFile(wheel, 'w', zipfile.ZIP_DEFLATED) as archive:
    for name in ('libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'other.py'):
        archive.write(f'{folder}/{name}', f'tensorflow/{name}')
    archive.writestr('tensorflow/THIRD_PARTY_NOTICES.txt', 'notices')
    archive.writestr(f'{info}/METADATA', 'Metadata-Version: 2.1\\nName: tensorflow_cpu\\nVersion: 2.21.0\\nRequires-Python: >=3.99\\n')
    archive.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: false\\nTag: cp311-cp311-manylinux_2_27_x86_64\\n')
    archive.writestr(f'{info}/RECORD', '')
`;

/** A wheel of TensorFlow's name and shape, a few kilobytes in size, for the real pip to install. */
export function makeTinyWheel(
  folder: string,
  { arch = 'x64', bodyBytes = 1000, sha256 }: TinyWheelOptions = {},
): TinyWheel {
  const wheels = join(folder, 'wheels');
  const content = join(folder, 'content');
  mkdirSync(wheels, { recursive: true });
  mkdirSync(content, { recursive: true });
  writeFileSync(join(content, 'libtensorflow_cc.so.2'), fakeElf(arch, bodyBytes));
  writeFileSync(join(content, 'libtensorflow_framework.so.2'), fakeElf(arch, bodyBytes));
  writeFileSync(join(content, 'other.py'), 'print("not needed")');
  const wheel = join(wheels, 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
  execFileSync('python3', ['-c', zip, content, wheel]);
  const hash = sha256 ?? createHash('sha256').update(readFileSync(wheel)).digest('hex');
  const bin = join(folder, 'bin');
  const copy = `require('fs').cpSync(${JSON.stringify(content)}, target + '/tensorflow', { recursive: true });`;
  fakePython(bin, copy);
  const path = join(folder, 'requirements.txt');
  writeFileSync(
    path,
    `# tensorflow-cpu: 1000 bytes to fetch, 3000 unpacked\ntensorflow-cpu==2.21.0 --hash=sha256:${hash}\n`,
  );
  return {
    requirements: readRequirements(path),
    pipSettings: { PIP_NO_INDEX: '1', PIP_FIND_LINKS: wheels, PIP_NO_CACHE_DIR: '1' },
    fakePip: { PATH: bin },
  };
}

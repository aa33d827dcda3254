// Writes src/proto/tensorflow.generated.ts, or the file that is named, from proto/tensorflow.proto: `node scripts/generate-proto.mjs`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const home = join(import.meta.dirname, '..');
const out = mkdtempSync(join(tmpdir(), 'proto-'));
const template = {
  version: 'v2',
  plugins: [{ local: 'protoc-gen-es', out, opt: ['target=ts', 'import_extension=none'] }],
};
const env = { ...process.env, PATH: `${join(home, 'node_modules/.bin')}:${process.env.PATH}` };
const options = ['generate', '--template', JSON.stringify(template), 'proto'];
execFileSync('buf', options, { cwd: home, env, stdio: 'inherit' });
// Comments repeat the proto; an enum is no type that can be erased.
const generated = readFileSync(join(out, 'tensorflow_pb.ts'), 'utf8')
  .replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
  .replaceAll(/\n\n( *\S)/g, '\n$1')
  .replaceAll(/^export enum (\w+) \{([^}]*)\}/gm, (_, name, members) => {
    const values = members.replaceAll(' = ', ': ');
    return `export const ${name} = {${values}} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`;
  });
writeFileSync(process.argv[2] ?? join(home, 'src/proto/tensorflow.generated.ts'), generated);
rmSync(out, { recursive: true });

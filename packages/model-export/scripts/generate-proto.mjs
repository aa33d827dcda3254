// Writes src/proto/<name>.generated.ts, or into the folder that is named, from each proto/<name>.proto: `node scripts/generate-proto.mjs`.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const home = join(import.meta.dirname, '..');
const target = process.argv[2] ?? join(home, 'src/proto');
const out = mkdtempSync(join(tmpdir(), 'proto-'));
const template = {
  version: 'v2',
  plugins: [{ local: 'protoc-gen-es', out, opt: ['target=ts', 'import_extension=none'] }],
};
const env = { ...process.env, PATH: `${join(home, 'node_modules/.bin')}:${process.env.PATH}` };
const options = ['generate', '--template', JSON.stringify(template), 'proto'];
execFileSync('buf', options, { cwd: home, env, stdio: 'inherit' });
for (const file of readdirSync(out)) {
  // Comments repeat the proto; an enum is no type that can be erased.
  const generated = readFileSync(join(out, file), 'utf8')
    .replaceAll(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '')
    .replaceAll(/\n\n( *\S)/g, '\n$1')
    .replaceAll(/^export enum (\w+) \{([^}]*)\}/gm, (_, name, members) => {
      const values = members.replaceAll(' = ', ': ');
      return `export const ${name} = {${values}} as const;\nexport type ${name} = (typeof ${name})[keyof typeof ${name}];`;
    });
  writeFileSync(join(target, file.replace('_pb.ts', '.generated.ts')), generated);
}
rmSync(out, { recursive: true });

// `node run.mjs [--photos <folder>] [--pretrained <weights>]`: runs the commands of the README as they stand there, on photographs of
// yours and from trained weights if given. The last one serves the page until Ctrl-C.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { photos, pretrained } = parseArgs({
  options: { photos: { type: 'string' }, pretrained: { type: 'string' } },
}).values;
/** What is given here goes to the command that has it in its name. @type {Record<string, string[]>} */
const given = {
  'make-photos': photos === undefined ? [] : ['--photos', resolve(photos)],
  ' train ': pretrained === undefined ? [] : ['--pretrained', resolve(pretrained)],
};

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const commands = /^```sh\n(.*?)^```/ms.exec(readme)?.[1]?.trimEnd().split('\n') ?? [];
// Where npx looks first.
const bin = join(import.meta.dirname, 'node_modules', '.bin');
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
for (const command of commands.map((line) => line.replace(/ +#.*$/, ''))) {
  const more = Object.entries(given).flatMap(([part, args]) =>
    command.includes(part) ? args : [],
  );
  console.log(['\n$', command, ...more].join(' '));
  const line = `${command.replace(/^npx /, '')} "$@"`;
  const { status } = spawnSync('sh', ['-c', line, 'sh', ...more], { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
}

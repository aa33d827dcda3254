// `pack:check` of a package: packs it as it would be published and judges the tarball.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { requireCommand } from './lib/command.mjs';
import { root } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';
import { checkRow, measure } from './lib/sizes.mjs';
import { filesBelow } from './lib/stamp.mjs';

const cwd = process.cwd();

await runAsProgram(async () => {
  refuseLeftovers();
  const folder = mkdtempSync(join(tmpdir(), 'bag-of-tricks-pack-'));
  try {
    await requireCommand('pnpm', ['pack', '--pack-destination', folder], {
      cwd,
      quiet: true,
      purpose: 'packing the package',
      advice: 'Mend its package.json.',
    });
    const tarball = join(folder, readdirSync(folder)[0] ?? '');
    await requireCommand('publint', ['run', tarball, '--strict'], {
      cwd,
      quiet: true,
      purpose: 'publint found a problem',
      advice: 'Mend what publint names above.',
    });
    // CommonJS requires our ES modules, as Node 20.19 and newer can.
    const attw = [
      tarball,
      '--ignore-rules',
      'cjs-resolves-to-esm',
      '--no-definitely-typed',
      '--no-emoji',
    ];
    await requireCommand('attw', attw, {
      cwd,
      quiet: true,
      purpose: 'attw found a problem',
      advice: 'Mend what attw names above: an entry point or its types do not resolve.',
    });
    const table = readFileSync(join(root, 'SIZES.md'), 'utf8');
    checkRow(table, basename(cwd), await measure(tarball));
    console.log('publint and attw found no problem, and the size is the known one.');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What was built from a source that is gone would be published too. tsc writes a `.d.ts.map` for each source. */
function refuseLeftovers() {
  const built = filesBelow(join(cwd, 'dist')).filter((path) => path.endsWith('.d.ts.map'));
  const sources = built.map((path) =>
    relative(join(cwd, 'dist'), path).replace(/\.d\.ts\.map$/, '.ts'),
  );
  const gone = sources.filter((source) => !existsSync(join(cwd, 'src', source)));
  if (gone.length > 0) {
    throw new Error(
      `dist holds what was built from sources that are gone: ${gone.join(', ')}. ` +
        "Remove the package's dist folder and build it again.",
    );
  }
}

// `pack:check` of a package: packs it as it would be published and lets publint and attw judge the tarball.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireCommand } from './lib/command.mjs';
import { runAsProgram } from './lib/program.mjs';

await runAsProgram(async () => {
  const cwd = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'bag-of-tricks-pack-'));
  try {
    await requireCommand('pnpm', ['pack', '--pack-destination', folder], {
      cwd,
      purpose: 'packing the package',
      advice: 'Mend its package.json.',
    });
    const tarball = join(folder, readdirSync(folder)[0] ?? '');
    await requireCommand('publint', ['run', tarball, '--strict'], {
      cwd,
      purpose: 'publint',
      advice: 'Mend what publint names above.',
    });
    await requireCommand('attw', [tarball, '--profile', 'esm-only', '--no-emoji'], {
      cwd,
      purpose: 'attw',
      advice: 'Mend what attw names above: an entry point or its types do not resolve.',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

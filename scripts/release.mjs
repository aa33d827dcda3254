// `node scripts/release.mjs [--dry-run]`: packs each package, writes into it where it comes from, and publishes what npm does not have yet.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressFields, withWholeLinks } from './lib/address.mjs';
import { requireCommand, runCommand } from './lib/command.mjs';
import { readJson, root } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';

await runAsProgram(async () => {
  const address = readJson(join(root, 'package.json'));
  addressFields(address, '');
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const cwd = join(root, 'packages', name);
    const scratch = mkdtempSync(join(tmpdir(), 'release-'));
    try {
      await requireCommand('pnpm', ['pack', '--pack-destination', scratch], {
        ...{ cwd, quiet: true, purpose: 'packing the package', advice: 'Mend its package.json.' },
      });
      execFileSync('tar', ['-xzf', join(scratch, readdirSync(scratch)[0] ?? ''), '-C', scratch]);
      const folder = join(scratch, 'package');
      const manifest = prepare(folder, `packages/${name}`, address);
      const version = `${manifest.name}@${manifest.version}`;
      const published = await runCommand('npm', ['view', version, 'version'], { quiet: true });
      if (published.code === 0 && published.tail.length > 0) continue;
      const args = ['publish', folder, '--access', 'public', ...process.argv.slice(2)];
      await requireCommand('npm', args, {
        purpose: `publishing ${version}`,
        advice: 'Mend what npm names, and run this again: what is published is left out.',
      });
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
});

/** @param {string} folder @param {string} place @param {Record<string, string>} address */
function prepare(folder, place, address) {
  const manifest = { ...readJson(join(folder, 'package.json')), ...addressFields(address, place) };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const readme = join(folder, 'README.md');
  writeFileSync(
    readme,
    withWholeLinks(readFileSync(readme, 'utf8'), address.homepage ?? '', place),
  );
  return manifest;
}

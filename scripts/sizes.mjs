// `pnpm docs:sizes`: packs every package and writes SIZES.md. `pack:check` of a package compares it with its row.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireCommand } from './lib/command.mjs';
import { root } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';
import { formatRow, measure } from './lib/sizes.mjs';

const HEAD = `# Sizes

Made by \`pnpm docs:sizes\`; kilobytes of 1000 bytes. *Packed* is what npm fetches, *unpacked* what it puts on the disk, sources and source maps among it, without the packages that it
brings along. *Code* is the package's own code behind its main entry as a bundle has it, minified and gzipped, without other packages.

| Package | Packed, kB | Unpacked, kB | Code, kB | Files |
| --- | --- | --- | --- | --- |
`;

await runAsProgram(async () => {
  const rows = [];
  for (const name of readdirSync(join(root, 'packages')).sort()) {
    const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
    try {
      await requireCommand('pnpm', ['pack', '--pack-destination', folder], {
        ...{ cwd: join(root, 'packages', name), quiet: true },
        ...{ purpose: 'packing the package', advice: 'Mend its package.json.' },
      });
      const sizes = await measure(join(folder, readdirSync(folder)[0] ?? ''));
      rows.push(formatRow(name, sizes));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  writeFileSync(join(root, 'SIZES.md'), `${HEAD}${rows.join('\n')}\n`);
});

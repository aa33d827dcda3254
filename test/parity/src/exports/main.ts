// pnpm exports:table --weights <folder> --photographs <folder> --cifar10 <folder>: every network of networks.ts, which says what the folders
// hold, in every form in every runtime; writes packages/model-export/docs/RUNTIMES.md row by row. Called again it goes on where it was
// stopped, and tries again what did not run; --only <pattern> measures rows anew, such as `uint8 chromium`; --quiet says that the machine does nothing
// else. PARITY_PYTHON is a Python with what python/requirements-exports.txt names; without it a virtual environment is made in the temporary folder.
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { findPython, here } from '../python.ts';
import { fillTable } from './fill-table.ts';
import { comparedNetworks } from './networks.ts';
import { placesOf } from './plan.ts';
import { formatRows, isTooFar, readRows } from './rows.ts';

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values } = parseArgs({
  options: { weights: text, photographs: text, cifar10: text, only: text, quiet: flag },
});
const { weights, photographs, cifar10 } = values;
if (!weights || !photographs || !cifar10) {
  throw new Error(
    'usage: pnpm exports:table --weights <folder> --photographs <folder> --cifar10 <folder> [--only <pattern>] [--quiet]',
  );
}
const page = here('../../packages/model-export/docs/RUNTIMES.md');
const networks = comparedNetworks({ weights, photographs, cifar10 });
const about = {
  networks: networks.map(({ name }) => name),
  rowsInAll: networks.flatMap(({ name, isSmall }) => placesOf(name, isSmall)).length,
  machine: `${cpus().length} cores of ${cpus()[0]!.model}, ${Math.round(totalmem() / 2 ** 30)} GB`,
};
await registerTensorFlowBackend();
const folder = await mkdtemp(join(tmpdir(), 'exports-'));
const rows = await fillTable(networks, {
  ...{ folder, python: findPython('requirements-exports.txt'), only: values.only },
  busy: !values.quiet,
  rows: existsSync(page) ? readRows(await readFile(page, 'utf8')) : [],
  onRow: async (all, row) => {
    console.log(JSON.stringify(row));
    await writeFile(page, formatRows(all, about));
  },
});
await rm(folder, { recursive: true });
if (rows.some((row) => 'failed' in row || isTooFar(row))) process.exitCode = 1;

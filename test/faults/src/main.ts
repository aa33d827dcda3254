// `pnpm faults`: all cases, and FAULTS.md. `pnpm faults --cases 300 --seed 1` draws some; `--only ENOSPC@12 kill@40` takes these;
// `--kills 200` kills at random instants instead. `--write FILE` writes what was found.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { drawCases, nameOf, rowOf } from './driver/cases.ts';
import { runCases } from './driver/run-cases.ts';
import { countEndings, formatFaults, formatTable } from './driver/table.ts';
import { randomKills } from './kills/random-kills.ts';
import { compileFaults } from './library/compile.ts';

const head = (title: string) => `# ${title}

Written by \`pnpm faults ${process.argv.slice(2).join(' ')}\`. [RELIABILITY.md](../../packages/trainer/docs/RELIABILITY.md) says what
it shows.
`;

const aboutFaults = `
A run of four epochs begins, is stopped within the second one, goes on to its end, goes back to the checkpoint before its last, so that rows are cut off, goes on from there, and is resumed
once more. At an operation on its files one thing fails:
**kill** (the folder as it is at that moment), **torn** (a kill in the middle of the write), **SIGKILL** (a process that is killed), **ENOSPC**
once, **full** (ENOSPC from there on), **EIO**, **EACCES**, **EINTR**, and a **short** write. Then it is resumed without a fault, and everything in its folder but
columns of time is compared with that of a run that nothing happened to: it *resumed* after a kill; *stopped* with an error that names a
file, and was resumed; *went on*, for it tried again or nothing was lost; went on and *warned*; or had *not begun*: no checkpoint was there
yet, resuming says so, and starting it again under the same name ends in the same.
`;

const aboutKills = `Runs of the command, each killed up to five times at instants that the clock draws and resumed after each, to its end: float16 with loss scaling, averaged weights,
gradients in parts, images from files, checkpoints within the epochs. What is in the folder at the end is compared with that of a run that nothing happened to.
`;

const { values, positionals } = parseArgs({
  options: {
    cases: { type: 'string' },
    seed: { type: 'string', default: '1' },
    only: { type: 'boolean', default: false },
    kills: { type: 'string' },
    write: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
  allowPositionals: true,
});

const workers = Number(values.workers);
if (values.kills) {
  const { kills, runs, faults } = await randomKills(Number(values.kills), {
    ...{ seed: Number(values.seed), workers },
  });
  for (const line of faults) console.log(`FAULT  ${line}`);
  const found = `${kills} kills of ${runs} runs: ${faults.length} faults`;
  console.log(found);
  if (values.write) {
    const lines = [head(`${kills} kills at random instants`), aboutKills, `${found}.`];
    writeFileSync(values.write, `${[...lines, ...faults.map((line) => `- ${line}`)].join('\n')}\n`);
  }
  process.exit(faults.length > 0 ? 1 : 0);
}
const library = compileFaults();
if (library === null) {
  console.error(
    'pnpm faults: expected Linux and a C compiler, found none. Install cc, or ziglang by pip',
  );
  process.exit(2);
}
const started = performance.now();
let possible = 0;
const findings = await runCases(library, {
  workers,
  choose: (all) => {
    possible = all.length;
    if (values.only) return all.filter((given) => positionals.includes(nameOf(given)));
    if (values.cases) return drawCases(all, Number(values.cases), Number(values.seed));
    return all;
  },
  onResult: ({ given, outcome }) => {
    if (!values.only) return;
    console.log(`${nameOf(given)} ${rowOf(given.operation)}: ${outcome.ending} ${outcome.detail}`);
  },
});
const { results, operations, undisturbed } = findings;
const wrong = formatFaults(results);
for (const line of wrong) console.log(`FAULT  ${line}`);
if (undisturbed.ending === 'fault') console.log(`FAULT  without any fault: ${undisturbed.detail}`);
const seconds = Math.round((performance.now() - started) / 1000);
const total = `${results.length} of ${possible} cases at ${operations.length} operations in ${seconds} s: ${countEndings(results)}`;
console.log(total);
if (values.write) {
  const found = wrong.map((line) => `- ${line}\n`).join('');
  const title =
    results.length < possible
      ? `${results.length} drawn of ${possible} faults`
      : 'Every fault at every operation';
  writeFileSync(
    values.write,
    `${head(title)}${aboutFaults}\n${total}.\n\n${found}\n${formatTable(results)}\n`,
  );
}
process.exitCode = wrong.length > 0 || undisturbed.ending === 'fault' ? 1 : 0;

// `pnpm cpus`: runs the tests whose numbers may depend on the CPU as if on others, one by one at the lowest priority, and writes
// test/CPUS.md. `pnpm cpus haswell onednn-avx2` runs those machines alone; the other rows, and what stands below the table, stay.
// Takes hours, needs Debian's qemu-user, and is no part of CI.
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { writeCpus } from './lib/cpus-table.mjs';
import { childEnvironment, readJson, root } from './lib/environment.mjs';
import { runAsProgram } from './lib/program.mjs';

const results = join(root, 'test', 'CPUS.md');

/**
 * A machine: oneDNN told of a smaller one by its own variables, or a whole CPU that qemu emulates.
 * @typedef {{ name: string, what: string, env?: Record<string, string>, cpu?: string }} Machine
 * @type {Machine[]}
 */
const machines = [
  { name: 'this', what: 'as it is' },
  ...['AVX2', 'AVX512_CORE', 'AVX512_CORE_BF16', 'AVX512_CORE_AMX'].map((isa) => ({
    name: `onednn-${isa.toLowerCase().replaceAll('_', '-')}`,
    what: `ONEDNN_MAX_CPU_ISA=${isa}`,
    env: { ONEDNN_MAX_CPU_ISA: isa },
  })),
  {
    name: 'onednn-off',
    what: 'TF_ENABLE_ONEDNN_OPTS=0: Eigen, as where oneDNN lacks a type',
    env: { TF_ENABLE_ONEDNN_OPTS: '0' },
  },
  ...['Haswell', 'EPYC-Milan', 'Skylake-Server'].map((cpu) => ({
    name: cpu.toLowerCase(),
    what: `qemu-x86_64 -cpu ${cpu}`,
    cpu,
  })),
];

const quick = ['--tags-filter', '!slow'];

/**
 * The tests, by the package's folder; `emulated`: what qemu has the time for, where that is less, null where it is nothing.
 * @type {{ folder: string, files: string[], emulated?: string[] | null }[]}
 */
const suites = [
  { folder: 'packages/amp', files: ['src'], emulated: ['src/autocast', ...quick] },
  { folder: 'packages/libtensorflow', files: ['src/backend'], emulated: ['src/backend', ...quick] },
  { folder: 'packages/graph', files: ['src'], emulated: ['src/kernels', ...quick] },
  { folder: 'packages/resnet-variants', files: ['src'], emulated: ['src', ...quick] },
  { folder: 'packages/nesterov-sgd', files: ['src'] },
  { folder: 'packages/trainer', files: ['src/step'], emulated: ['src/step', ...quick] },
  { folder: 'packages/train-step', files: ['src'], emulated: ['src', ...quick] },
  { folder: 'bench', files: ['src/main.test.ts', '-t', 'mixed precision'], emulated: null },
];

await runAsProgram(async () => {
  const wanted = process.argv.slice(2);
  for (const name of wanted) {
    if (!machines.some((machine) => machine.name === name)) {
      throw new Error(
        `expected some of ${machines.map((one) => one.name).join(', ')}, got ${name}.`,
      );
    }
  }
  for (const machine of machines) {
    if (wanted.length > 0 && !wanted.includes(machine.name)) continue;
    for (const suite of suites) {
      if (machine.cpu && suite.emulated === null) continue;
      const row = await run(machine, suite);
      console.log(row);
      const text = existsSync(results) ? readFileSync(results, 'utf8') : '';
      const folders = suites.map(({ folder }) => folder);
      writeFileSync(results, writeCpus(text, row, { machines, folders }));
    }
  }
});

/**
 * Runs a package's tests on a machine; resolves with the row of the table.
 * @param {Machine} machine @param {(typeof suites)[number]} suite
 */
async function run(machine, suite) {
  const folder = mkdtempSync(join(tmpdir(), 'cpus-'));
  const start = Date.now();
  try {
    const output = join(folder, 'results.json');
    const files = (machine.cpu && suite.emulated) || suite.files;
    const limits = ['--testTimeout=3600000', '--hookTimeout=3600000'];
    const code = await startTests(machine, folder, join(root, suite.folder), [
      ...['run', '--root', '.', '--config', join(root, 'vitest.config.ts')],
      ...['--reporter=json', `--outputFile=${output}`, ...limits, ...files],
    ]);
    const outcome = existsSync(output) ? describe(readJson(output)) : `ended with ${code}`;
    const seconds = Math.round((Date.now() - start) / 1000);
    const run = `${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model.trim()}`;
    return `| ${machine.name} | ${suite.folder}: ${files.join(' ')} | ${outcome} | ${seconds} | ${run} |`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {Machine} machine @param {string} folder @param {string} cwd @param {string[]} args */
function startTests(machine, folder, cwd, args) {
  const env = { ...childEnvironment(), ...machine.env };
  const node = machine.cpu ? emulatedNode(folder, machine.cpu) : process.execPath;
  if (machine.cpu) {
    // Children, too, start the Node that emulates: a plain one would run on the true CPU.
    const preload = join(folder, 'preload.mjs');
    writeFileSync(preload, `process.execPath = ${JSON.stringify(node)};\n`);
    Object.assign(env, { NODE_OPTIONS: `--import ${preload}`, PATH: `${folder}:${env.PATH}` });
  }
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  return new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '19', node, vitest, ...args], { cwd, env, stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal));
  });
}

/** A program named node that runs Node on an emulated CPU, silently. @param {string} folder @param {string} cpu */
function emulatedNode(folder, cpu) {
  const file = join(folder, 'node');
  const command = `exec qemu-x86_64 -cpu ${cpu},check=off ${process.execPath} "$@"`;
  writeFileSync(file, `#!/bin/sh\n${command}\n`);
  chmodSync(file, 0o755);
  return file;
}

/**
 * Counts, and the names of the tests that failed and of the files that did not end, such as one whose process crashed.
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: { name: string, status: string, assertionResults: { fullName: string, status: string }[] }[] }} report
 */
function describe({ numPassedTests, numFailedTests, numPendingTests, testResults }) {
  const failed = testResults.flatMap(({ name, status, assertionResults }) => {
    const tests = assertionResults.filter((one) => one.status === 'failed');
    if (status !== 'failed' || tests.length > 0) return tests.map(({ fullName }) => fullName);
    return `${basename(name)} did not end`;
  });
  const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
  return [counts, ...failed].join('; ').replaceAll('|', '\\|');
}

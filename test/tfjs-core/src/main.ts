// `node dist/main.js [file]`: runs the tests that tfjs-core publishes on our backend; `file` takes what became of each.
import { writeFileSync } from 'node:fs';
import { formatCounts } from './counts.ts';
import { ignored } from './ignored.ts';
import { judge } from './judge.ts';
import { loadSuite } from './suite.ts';
import { readTfjsNodeIgnored } from './tfjs-node-ignored.ts';

const { backend, core, run } = await loadSuite();
// The kernels warn of what the tests provoke.
console.warn = () => {};
const specs = await run();
const verdicts = judge(specs, ignored);
const title = `tfjs-core ${core.version_core} on TensorFlow ${backend.version}`;
console.log(formatCounts(title, specs, verdicts, readTfjsNodeIgnored()));
const [file] = process.argv.slice(2);
if (file !== undefined) writeFileSync(file, JSON.stringify(verdicts));
else if (verdicts.some(({ status }) => status === 'failed')) process.exitCode = 1;

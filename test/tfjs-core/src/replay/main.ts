// `node dist/replay/main.js [--write file] [pattern]`: replays the calls of tfjs-core's tests, or of those whose names match, as graphs. Exits
// with 1 if a value differs.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { deserialize } from 'node:v8';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import type { Recording } from './call.ts';
import { replayAll } from './summary.ts';
import { formatReplay } from './table.ts';

const { values, positionals } = parseArgs({
  options: { write: { type: 'string' } },
  allowPositionals: true,
});
const folder = mkdtempSync(join(tmpdir(), 'tfjs-core-replay-'));
const file = join(folder, 'calls');
const record = join(import.meta.dirname, 'record.js');
execFileSync(process.execPath, [record, file, ...positionals], { stdio: 'pipe' });
const recording = deserialize(readFileSync(file)) as Recording;
rmSync(folder, { recursive: true });

const { version } = await registerTensorFlowBackend();
console.warn = () => {};
const replayed = await replayAll(recording, (kernel) => !!tf.getKernel(kernel, 'tensorflow'));
const title = `tfjs-core ${tf.version_core}, TensorFlow ${version}, ${cpus()[0]?.model ?? 'CPU'}`;
const table = formatReplay(title, recording, replayed);
if (values.write === undefined) console.log(table);
else writeFileSync(values.write, table);
process.exitCode = replayed.some((replay) => replay?.status === 'different') ? 1 : 0;

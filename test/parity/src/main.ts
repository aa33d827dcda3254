// pnpm parity [names]: networks against timm's at the size of ImageNet, all that have no row in RESULTS.md yet if none is named; writes their
// rows, and fails if one does. PARITY_PYTHON is a Python with what python/requirements.txt names; without it a virtual environment is made in
// the temporary folder.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { parseSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs';
import { errorOfLosses, relativeError, worstError } from './compare.ts';
import { measure } from './measure.ts';
import { createModel, NAMES } from './networks.ts';
import { findPython, here } from './python.ts';
import { formatTable, holds, type Row, readRows } from './table.ts';
import { readTensors } from './tensors.ts';

/** The tensors of one kind: `gradients/conv1.weight` is `conv1.weight` of the kind `gradients`. */
function kind(tensors: ReturnType<typeof readTensors>, of: string) {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(`${of}/`));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(of.length + 1), tensor]));
}

const dataOf = (tensors: ReturnType<typeof readTensors>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));

/** A network of ours against what reference.py wrote of timm's. */
function compare(bytes: Uint8Array): Row {
  const { name, versions, rates, rounding, ...expected } = JSON.parse(
    parseSafetensors(bytes).metadata.case!,
  );
  const tensors = readTensors(bytes);
  const state = kind(tensors, 'state');
  const of = (part: string) => dataOf(kind(tensors, part));
  const { trained, ...evaluated } = Object.fromEntries(
    Object.entries(kind(tensors, 'images')).map(([size, { data, shape }]) => [
      size,
      tf.tensor4d(data, [...shape] as [number, number, number, number]),
    ]),
  );
  const model = createModel(name, { numClasses: 1000 });
  const result = measure(model, state, Object.values(evaluated), trained!, rates);
  model.dispose();
  tf.dispose([evaluated, trained!]);
  const logits = of('logits');
  const errors = Object.keys(evaluated).map((size, index) =>
    relativeError(result.logits[index]!, logits[size]!),
  );
  return {
    name,
    versions,
    rounding,
    ours: {
      logits: Math.max(...errors),
      loss: Math.abs(result.loss / expected.loss - 1),
      gradients: worstError(result.gradients, of('gradients')),
      buffers: worstError(result.buffers, of('buffers')),
      losses: errorOfLosses(result.losses, expected.losses),
      weights: worstError(result.weights, of('weights'), { whole: dataOf(state) }),
      statistics: worstError(result.statistics, of('statistics')),
    },
  };
}

const results = here('RESULTS.md');
const { version } = await registerTensorFlowBackend();
const folder = await mkdtemp(join(tmpdir(), 'parity-'));
const python = spawn(findPython(), [here('python/reference.py'), 'full', folder], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const written = createInterface(python.stdout)[Symbol.asyncIterator]();
let rows = existsSync(results) ? readRows(await readFile(results, 'utf8')) : [];
const missing = NAMES.filter((name) => rows.every((row) => row.name !== name));
const names = process.argv.length > 2 ? process.argv.slice(2) : missing;
// While ours computes, PyTorch does so for the next.
const request = (name?: string) => name === undefined || python.stdin.write(`${name}\n`);
try {
  request(names[0]);
  for (const [index, name] of names.entries()) {
    if ((await written.next()).done) throw new Error(`reference.py failed at ${name}`);
    request(names[index + 1]);
    const file = join(folder, `${name}.safetensors`);
    const row = compare(await readFile(file));
    await rm(file);
    rows = [...rows.filter((other) => other.name !== name), row];
    console.log(name, holds(row) ? 'holds' : 'FAILS', row.ours);
    if (!holds(row)) process.exitCode = 1;
    await writeFile(results, formatTable(rows, NAMES, version));
  }
} finally {
  python.stdin.end();
  await rm(folder, { recursive: true });
}

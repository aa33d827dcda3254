// pnpm parity [names]: every network against timm's at the size of ImageNet; writes RESULTS.md. PARITY_PYTHON is a Python with
// what python/requirements.txt names; without it a virtual environment is made in the temporary folder.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { parseSafetensors } from '@bag-of-tricks/safetensors';
import * as tf from '@tensorflow/tfjs';
import { relativeError, worstError } from './compare.ts';
import { measure } from './measure.ts';
import { createModel } from './networks.ts';
import { findPython, here } from './python.ts';
import { formatTable, type Row, readRows } from './table.ts';
import { readTensors } from './tensors.ts';

const NAMES = [
  ...[
    'mobilenetv1_100',
    'mobilenetv1_100h',
    'mobilenetv1_125',
    'mobilenetv2_035',
    'mobilenetv2_050',
  ],
  ...[
    'mobilenetv2_075',
    'mobilenetv2_100',
    'mobilenetv2_110d',
    'mobilenetv2_120d',
    'mobilenetv2_140',
  ],
  ...[0, 1, 2, 3, 4].flatMap((n) => [`efficientnet_lite${n}`, `tf_efficientnet_lite${n}`]),
  ...[
    'resnet10t',
    'resnet14t',
    'resnet18',
    'resnet18d',
    'resnet26',
    'resnet26d',
    'resnet26t',
    'resnet34',
  ],
  ...[
    'resnet34d',
    'resnet50',
    'resnet50c',
    'resnet50d',
    'resnet50t',
    'resnet101',
    'resnet101d',
    'resnet152',
  ],
  ...[
    'resnet152d',
    'resnet200d',
    'wide_resnet50_2',
    'wide_resnet101_2',
    'seresnet18',
    'seresnet34',
  ],
  ...['seresnet50', 'seresnet101', 'seresnet152', 'ecaresnet26t', 'ecaresnet50d', 'ecaresnet101d'],
  ...['resnext50_32x4d', 'resnext101_32x8d'],
];

/** The tensors of one kind: `gradient/conv1.weight` is `conv1.weight` of the kind `gradient`. */
function kind(tensors: ReturnType<typeof readTensors>, of: string) {
  const entries = Object.entries(tensors).filter(([name]) => name.startsWith(`${of}/`));
  return Object.fromEntries(entries.map(([name, tensor]) => [name.slice(of.length + 1), tensor]));
}

const dataOf = (tensors: ReturnType<typeof readTensors>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));

async function compare(name: string, python: string, file: string): Promise<Row> {
  execFileSync(python, [here('python/reference.py'), 'full', name, file], { stdio: 'inherit' });
  const bytes = await readFile(file);
  const reference = JSON.parse(parseSafetensors(bytes).metadata.case!);
  const tensors = readTensors(bytes);
  const logits = dataOf(kind(tensors, 'logits'));
  const { trained, ...evaluated } = Object.fromEntries(
    Object.entries(kind(tensors, 'images')).map(([size, { data, shape }]) => [
      size,
      tf.tensor4d(data, [...shape] as [number, number, number, number]),
    ]),
  );
  const sizes = Object.keys(evaluated);
  const model = createModel(name, { numClasses: 1000 });
  const images = sizes.map((size) => evaluated[size]!);
  const result = measure(model, kind(tensors, 'state'), images, trained!, reference.rates);
  model.dispose();
  tf.dispose([evaluated, trained!]);
  return {
    name,
    versions: reference.versions,
    rounding: reference.rounding,
    ours: {
      logits: Math.max(...sizes.map((size, i) => relativeError(result.logits[i]!, logits[size]!))),
      loss: Math.abs(result.loss / reference.loss - 1),
      gradients: worstError(result.gradients, dataOf(kind(tensors, 'gradient'))),
      buffers: worstError(result.buffers, dataOf(kind(tensors, 'buffer'))),
      losses: relativeError(result.losses, reference.losses),
      state: worstError(result.after, dataOf(kind(tensors, 'after'))),
    },
  };
}

const results = here('RESULTS.md');
const names = process.argv.length > 2 ? process.argv.slice(2) : NAMES;
const python = findPython();
const { version } = await registerTensorFlowBackend();
const folder = await mkdtemp(join(tmpdir(), 'parity-'));
let rows = existsSync(results) ? readRows(await readFile(results, 'utf8')) : [];
for (const name of names) {
  const row = await compare(name, python, join(folder, 'case.safetensors'));
  rows = [...rows.filter((other) => other.name !== name), row];
  console.log(name, row.ours);
  await writeFile(results, formatTable(rows, NAMES, version));
}
await rm(folder, { recursive: true });

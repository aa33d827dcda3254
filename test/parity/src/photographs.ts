// pnpm parity:photographs <folder>: tf_efficientnet_lite0 as `predict` has it on 200 photographs, against timm with the same weights. The
// folder holds imagenet-sample.tar (<wnid>/<wnid>_<name>.JPEG) and, in weights/, tf_efficientnet_lite0.safetensors, imagenet-classes.json
// and tf_efficientnet_lite0.reference.json, which says how many PyTorch gets right. PARITY_PYTHON as in main.ts.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageFiles } from '@bag-of-tricks/image-data';
import { loadClassifier } from '@bag-of-tricks/trainer';
import { labelledPictures, rightWithin } from './labelled-pictures.ts';
import { largestDifference, logProbabilities, logSoftmax } from './log-probabilities.ts';
import { findPython, here } from './python.ts';
import { readTensors } from './tensors.ts';

const name = 'tf_efficientnet_lite0';
const [, , data] = process.argv;
if (data === undefined) throw new Error('usage: pnpm parity:photographs <folder with the data>');
const weights = join(data, 'weights', `${name}.safetensors`);
const readJson = async (file: string) =>
  JSON.parse(await readFile(join(data, 'weights', file), 'utf8'));
const wnids: string[] = await readJson('imagenet-classes.json');
const reference: { top1: number; top5: number } = await readJson(`${name}.reference.json`);

const folder = await mkdtemp(join(tmpdir(), 'photographs-'));
try {
  execFileSync('tar', ['xf', join(data, 'imagenet-sample.tar'), '-C', folder]);
  const photographs = join(folder, 'imagenet-sample');
  const { names, labels } = labelledPictures(photographs, wnids);
  const files = names.map((one) => join(photographs, one));
  const classifier = await loadClassifier(weights);
  const ours = await logProbabilities(classifier, imageFiles(files));
  await classifier.dispose();

  const out = join(folder, 'logits.safetensors');
  execFileSync(findPython(), [here('python/photographs.py'), name, weights, photographs, out]);
  const { data: logits, shape } = readTensors(await readFile(out)).logits!;
  const timm = files.map((_, row) =>
    logSoftmax(logits.subarray(row * shape[1]!, (row + 1) * shape[1]!)),
  );

  const counts = (rows: readonly (readonly number[])[]) =>
    [1, 5].map((k) => rightWithin(rows, labels, k));
  const difference = largestDifference(ours, timm);
  console.log(`${name}: ${files.length} photographs, right in the first place and within five:`);
  console.log(
    `ours ${counts(ours)}, timm ${counts(timm)}, expected ${[reference.top1, reference.top5]}`,
  );
  console.log(
    `log-probabilities (logits but for a shift) differ by ${difference.toExponential(1)}`,
  );
  const isSame = `${counts(ours)}` === `${[reference.top1, reference.top5]}`;
  if (!isSame || !(difference < 1e-3)) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true });
}

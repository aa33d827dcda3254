import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelNames as mobileNetNames } from '@bag-of-tricks/mobilenet-variants';
import { loadWeights, openWeights } from '@bag-of-tricks/pretrained';
import { createModel, modelNames } from '@bag-of-tricks/resnet-variants';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelOf, networks } from '../../test/support/networks.ts';
import { exportModel } from '../export-model.ts';
import { cropShare, exportSafetensors, requireSame } from './export-safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'safetensors-'));
const output = join(folder, 'model');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => tf.setBackend('cpu').then(() => {}));

test('it is opened as weights of timm are: same network, classes, pixels, licence and tensors', async () => {
  const model = modelOf(networks.resnet());
  await exportModel(model, { output, format: 'safetensors' });
  const weights = await openWeights(output);
  expect(weights).toMatchObject({
    ...{ architecture: 'resnet20d', numClasses: 4, classNames: ['cat', 'dog', 'frog', 'ship'] },
    license: 'apache-2.0',
    input: { imageSize: 16, channels: 3, interpolation: 'bilinear', cropPct: 16 / 18 },
  });
  for (const [i, name] of (['mean', 'std'] as const).entries()) {
    const expected = [model.description.mean, model.description.std][i]!;
    for (const [c, value] of weights.input[name]!.entries())
      expect(value).toBeCloseTo(expected[c]!, 6);
  }
  const again = createModel('resnet20d', { numClasses: 4, seed: 99 });
  expect((await loadWeights(again, weights)).notes).toEqual([]);
  expect(await again.toStateDict()).toEqual(await model.network.toStateDict!());
  const { pretrained_cfg } = JSON.parse(readFileSync(join(output, 'config.json'), 'utf8'));
  expect(pretrained_cfg).toMatchObject({ first_conv: 'conv1', classifier: 'fc' });
  again.dispose();
  model.network.dispose();
});

test('a network that timm has not is named; of all our names those are found that timm knows', async () => {
  const path = join(import.meta.dirname, '../../fixtures/timm-names.json');
  const { names } = JSON.parse(readFileSync(path, 'utf8')) as { names: Record<string, boolean> };
  expect(Object.keys(names)).toEqual([...modelNames(), ...mobileNetNames()]);
  const network = networks.resnet();
  const toStateDict = async () => ({ one: { shape: [1], data: Float32Array.of(1) } });
  for (const [name, isKnown] of Object.entries(names)) {
    const model = modelOf({ ...network, name, toStateDict });
    const definitions = { 'resnets.py': 'def create_model' };
    const { notes = [], files } = await exportSafetensors(model, { definitions });
    const missing = isKnown ? [] : [expect.stringContaining(`named ${name}:`)];
    expect(notes, name).toEqual([
      ...missing,
      expect.stringMatching(/^timm turns no picture by EXIF/),
    ]);
    expect('resnets.py' in files, name).toBe(!isKnown);
  }
  network.dispose();
});

test('a resize that averages nothing, which timm does not have, is told', async () => {
  const { description, ...model } = modelOf(networks.resnet());
  const about = { ...description, antialias: false, exifOrientation: false };
  const { notes } = await exportSafetensors({ ...model, description: about }, { definitions: {} });
  expect(notes!.slice(1)).toEqual([expect.stringMatching(/^timm averages when it shrinks, and /)]);
  model.network.dispose();
});

test('a file that was not written as it was meant is refused', () => {
  const tensors = (name: string, ...values: number[]) =>
    [[name, { dtype: 'F32', shape: [values.length], data: Float32Array.from(values) }]] as const;
  const file = serializeSafetensors(tensors('a', 1, -0));
  const check = (...written: Parameters<typeof tensors>) =>
    requireSame(file, new Map(tensors(...written)));
  check('a', 1, -0);
  expect(() => check('a', 1, 0)).toThrow('expected the written a to be');
  expect(() => check('a', 1)).toThrow('expected the written a to be');
  expect(() => check('b', 1, -0)).toThrow(/expected the written [ab] to be/);
  const bytes = file.slice(0, -1);
  expect(() => requireSame(bytes, new Map(tensors('a', 1, -0)))).toThrow();
});

test('what was written damaged is refused before the folder has its name', async () => {
  const model = modelOf(networks.resnet());
  const { files, check } = await exportSafetensors(model, { definitions: {} });
  const path = join(folder, 'model.safetensors');
  const bytes = Buffer.from(files['model.safetensors'] as Uint8Array);
  writeFileSync(path, bytes);
  expect(await check(folder)).toBeNull();
  writeFileSync(path, bytes.with(-1, bytes.at(-1)! ^ 1));
  await expect(check(folder)).rejects.toThrow(/the written .* to be the network's bit for bit/);
  model.network.dispose();
});

test('the share of the crop gives the resize back, rounded down as timm does', () => {
  const sides = fc.tuple(fc.integer({ min: 8, max: 1024 }), fc.integer({ min: 0, max: 300 }));
  fc.assert(
    fc.property(sides, ([size, more]) => {
      expect(Math.floor(size / cropShare(size, size + more))).toBe(size + more);
    }),
  );
});

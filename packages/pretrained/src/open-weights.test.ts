import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKSUMS, checksumsOf } from '@bag-of-tricks/durable-files';
import { beginning, checkpointName, saveCheckpoint } from '@bag-of-tricks/run-folder';
import { serializeSafetensors } from '@bag-of-tricks/safetensors';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openWeights } from './index.ts';

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weights-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, content: string | Uint8Array) =>
  writeFileSync(join(folder, name), content);
const small = (metadata?: Record<string, string>) =>
  serializeSafetensors(
    [
      ['fc.bias', { dtype: 'F32', shape: [2], data: Float32Array.of(1, 2) }],
      ['bn1.num_batches_tracked', { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) }],
    ],
    metadata && { metadata },
  );
const read = async (name = '') => (await (await openWeights(join(folder, name))).read()).stateDict;

test('counters of batches are left out', async () => {
  write('a.safetensors', small());
  expect(Object.keys(await read('a.safetensors'))).toEqual(['fc.bias']);
});

test.each([
  ['resnet18.a1_in1k.safetensors', undefined, 'resnet18'],
  ['resnet18-f37072fd.safetensors', undefined, 'resnet18'],
  ['mine.safetensors', { model: 'resnet20d' }, 'resnet20d'],
  ['model.safetensors', undefined, null],
])('the network of %s with metadata %j is %s', async (name, metadata, architecture) => {
  write(name, small(metadata));
  expect((await openWeights(join(folder, name))).architecture).toBe(architecture);
});

test('a file whose network stands in its metadata, such as one of ours, says nothing of images', async () => {
  write('mine.safetensors', small({ model: 'tf_efficientnet_lite0' }));
  expect((await openWeights(join(folder, 'mine.safetensors'))).input.mean).toBeNull();
});

test('a folder with one file of any name is that file; with several, it is asked which', async () => {
  write('resnet18.safetensors', small());
  expect((await openWeights(folder)).architecture).toBe('resnet18');
  write('resnet34.safetensors', small());
  await expect(openWeights(folder)).rejects.toThrow('got 2 of other names. Give the file itself');
});

test('the old config.json of timm has everything in one mapping', async () => {
  write('model.safetensors', small());
  const config = {
    architecture: 'resnet26',
    num_classes: 2,
    label_names: ['a', 'b'],
    input_size: [1, 32, 32],
  };
  write('config.json', JSON.stringify({ ...config, mean: [0.5], std: [0.25] }));
  expect(await openWeights(folder)).toMatchObject({
    ...{ architecture: 'resnet26', numClasses: 2, classNames: ['a', 'b'], license: null },
    input: { imageSize: 32, channels: 1, mean: [127.5], std: [63.75], cropPct: null },
  });
});

describe('a checkpoint of ours', () => {
  const state = {
    ...{ ...beginning, weights: 'ema', tricks: [] },
    ...{
      imageShape: [32, 32, 3] as const,
      classNames: ['a', 'b'],
      mean: [1, 2, 3],
      std: [4, 5, 6],
    },
    config: { model: 'resnet20d', input: { evalResize: 40 } },
  };
  const save = async (step: number, score: number | null) => {
    mkdirSync(join(folder, 'checkpoints'), { recursive: true });
    const files = { 'model-ema.safetensors': small() };
    await saveCheckpoint(folder, files, { state: { ...state, score }, step, keepBest: 1 });
  };
  const fileOf = async (name: string) =>
    (await (await openWeights(join(folder, name))).read()).provenance.files[0]!.path;

  test.each(['', 'checkpoints/best', 'checkpoints/last'])(
    'is found by its run and by itself (%s)',
    async (name) => {
      await save(1, 50);
      const weights = await openWeights(join(folder, name));
      expect(weights).toMatchObject({
        ...{ architecture: 'resnet20d', numClasses: 2, classNames: ['a', 'b'] },
        input: { imageSize: 32, channels: 3, mean: [1, 2, 3], std: [4, 5, 6], cropPct: 0.8 },
      });
      expect((await weights.read()).provenance.files[0]!.path).toMatch(/model-ema\.safetensors$/);
    },
  );

  test('of a run is the last where none was evaluated, else the best, with or without links', async () => {
    const nameOf = (step: number) => `checkpoints/${checkpointName(0, step)}/`;
    for (const step of [1, 2]) await save(step, null);
    expect(await fileOf('')).toContain(nameOf(2));
    await save(3, 50);
    await save(4, 40);
    expect(await fileOf('')).toContain(nameOf(3));
    for (const link of ['best', 'last']) rmSync(join(folder, 'checkpoints', link));
    expect(await fileOf('')).toContain(nameOf(3));
  });

  test('that is damaged is refused', async () => {
    await save(1, null);
    truncateSync(join(folder, 'checkpoints/last/model-ema.safetensors'), 20);
    await expect(openWeights(folder)).rejects.toThrow(
      /is damaged: model-ema\.safetensors has other bytes/,
    );
  });

  test.each([
    ['{}', /expected the state of a bag-of-tricks checkpoint/],
    [
      JSON.stringify({ ...state, formatVersion: 3, config: {} }),
      /expected the state of a bag-of-tricks checkpoint.*its config names no model/,
    ],
  ])('with the state %s is refused', async (text, message) => {
    write('state.json', text);
    write(CHECKSUMS, checksumsOf({ 'state.json': text }));
    await expect(openWeights(folder)).rejects.toThrow(message);
  });
});

describe('what is no weights', () => {
  test.each([
    [
      'nothing there',
      () => {},
      /missing: expected a \.safetensors file, .*a run folder or a checkpoint of ours, or hf:owner\/name, found none/,
    ],
    ['an empty folder', () => mkdirSync(join(folder, 'missing')), /got no \.safetensors file/],
    [
      'a file of text',
      () => write('missing', 'hello, these are weights'),
      /missing: this is no safetensors file/,
    ],
    ['an empty file', () => write('missing', ''), /expected at least 8 bytes, got 0/],
    [
      'an archive of PyTorch',
      () => cpSync(join(fixtures, 'pickled.pth'), join(folder, 'missing')),
      /pickles/,
    ],
    ['an old pickle', () => write('missing', Uint8Array.of(0x80, 2, 0x7d, 0x2e)), /pickles/],
  ])('%s', async (_, prepare, message) => {
    prepare();
    await expect(openWeights(join(folder, 'missing'))).rejects.toThrow(message);
  });

  test('a pickled file comes with the line of Python that converts it, paths quoted', async () => {
    const path = join(folder, 'resnet18 "1".pth');
    cpSync(join(fixtures, 'pickled.pth'), path);
    const quoted = JSON.stringify(path);
    await expect(openWeights(path)).rejects.toThrow(
      `import torch; from safetensors.torch import save_file; d = torch.load(${quoted}, map_location="cpu", weights_only=True); ` +
        'd = d.get("state_dict", d.get("model", d)); save_file({k: v.contiguous().clone() for k, v in d.items()}, ' +
        `${quoted.replace('.pth', '.safetensors')})`,
    );
  });

  test('a pickled file with the wrong name is not overwritten by its conversion', async () => {
    const path = join(folder, 'resnet18.safetensors');
    cpSync(join(fixtures, 'pickled.pth'), path);
    const target = JSON.stringify(join(folder, 'resnet18.converted.safetensors'));
    await expect(openWeights(path)).rejects.toThrow(`for k, v in d.items()}, ${target})`);
  });

  test('a folder with pickled weights only', async () => {
    write('pytorch_model.bin', 'anything');
    await expect(openWeights(folder)).rejects.toThrow(
      /pytorch_model\.bin: expected a \.safetensors file/,
    );
  });

  test('an export, whose shards are no pickles', async () => {
    write('classifier.json', '{}');
    write('group1-shard1of1.bin', 'anything');
    await expect(openWeights(folder)).rejects.toThrow(
      /got an export, which other programs run\. Give the run or file that it was made of$/,
    );
  });

  test.each([
    ['{', /config\.json: expected JSON, got/],
    ['[]', /config\.json: expected a mapping/],
    ['{"architecture": 5}', /architecture: expected a name, got 5/],
    ['{"num_classes": -1}', /num_classes: expected a whole number of at least 0, got -1/],
    ['{"global_pool": "catavgmax"}', /global_pool: expected avg, got "catavgmax"/],
    ['{"pretrained_cfg": 3}', /pretrained_cfg: expected a mapping, got 3/],
    [
      '{"pretrained_cfg": {"mean": [0.5, 0.5]}}',
      /mean: expected one or three numbers on the scale 0\.\.1/,
    ],
    ['{"pretrained_cfg": {"mean": [123, 116, 103]}}', /mean: expected one or three numbers/],
    ['{"pretrained_cfg": {"std": [0, 1, 1]}}', /std: expected one or three numbers above 0/],
    [
      '{"pretrained_cfg": {"crop_pct": 87.5}}',
      /crop_pct: expected a number above 0 and up to 1, got 87\.5/,
    ],
    [
      '{"pretrained_cfg": {"input_size": [3, 224]}}',
      /input_size: expected \[channels, height, width\]/,
    ],
    [
      '{"pretrained_cfg": {"input_size": [3, 224, 160]}}',
      /of a square image of at most 4096 pixels a side, got \[3,224,160\]/,
    ],
    [
      '{"pretrained_cfg": {"input_size": [3, 8192, 8192]}}',
      /config\.json: input_size: .* at most 4096/,
    ],
    [
      '{"pretrained_cfg": {"interpolation": "nearest"}}',
      /config\.json: interpolation: expected bilinear or bicubic or lanczos, got "nearest"\. Correct it/,
    ],
    ['{"label_names": {"0": "a"}}', /label_names: expected a list of names/],
  ])('the config.json %s', async (content, message) => {
    write('model.safetensors', small());
    write('config.json', content);
    await expect(openWeights(folder)).rejects.toThrow(message);
  });
});

describe('an index', () => {
  const index = (map: unknown) =>
    write('model.safetensors.index.json', JSON.stringify({ weight_map: map }));
  test.each([
    [
      'that names a file which is missing',
      { 'fc.bias': 'b.safetensors' },
      /ENOENT.*b\.safetensors/,
    ],
    [
      'that names a tensor which its file lacks',
      { 'fc.weight': 'a.safetensors' },
      /expected the tensor fc\.weight, as model\.safetensors\.index\.json says, found none/,
    ],
    [
      'that reaches out of the folder',
      { 'fc.bias': '../a.safetensors' },
      /by its name in this folder, got "\.\.\/a\.safetensors" for fc\.bias/,
    ],
    ['of nothing', {}, /expected a weight_map of tensors, got none/],
  ])('%s', async (_, map, message) => {
    write('a.safetensors', small());
    index(map);
    await expect(read()).rejects.toThrow(message);
  });

  test('that is no JSON', async () => {
    write('model.safetensors.index.json', 'x');
    await expect(read()).rejects.toThrow(/index\.json: expected JSON/);
  });

  test('takes only the tensors that it names', async () => {
    write('a.safetensors', readFileSync(join(fixtures, 'timm/model.safetensors')));
    index({ 'fc.bias': 'a.safetensors' });
    expect(Object.keys(await read())).toEqual(['fc.bias']);
  });
});

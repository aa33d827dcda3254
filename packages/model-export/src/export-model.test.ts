import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import type { Layers } from '@bag-of-tricks/network-layers';
import type { Network } from '@bag-of-tricks/train-step';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { modelOf, networkOf } from '../test/support/networks.ts';
import {
  type ExportFormat,
  type ExportOptions,
  exportFormats,
  exportModel,
} from './export-model.ts';

const disk = { free: Number.POSITIVE_INFINITY, code: '', after: 0, theirs: '' };
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof files>();
  const open: typeof real.open = async (path, ...rest) => {
    const file = await real.open(path, ...rest);
    const { writeFile } = file;
    file.writeFile = async (content, ...options) => {
      if (disk.code === '' || disk.after-- > 0) return writeFile.call(file, content, ...options);
      await writeFile.call(file, (content as Uint8Array).slice(0, 10), ...options);
      throw Object.assign(new Error(disk.code), { code: disk.code });
    };
    return file;
  };
  const rename: typeof real.rename = (from, to) => {
    if (disk.theirs) mkdirSync(disk.theirs, { recursive: true });
    return real.rename(from, to);
  };
  const statfs = async () => ({ bavail: disk.free, bsize: 1 });
  return { ...real, open, rename, statfs };
});

const folder = mkdtempSync(join(tmpdir(), 'export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const means = (images: tf.Tensor4D, weight: tf.Tensor2D) =>
  tf.matMul(tf.mean(images, [1, 2]) as tf.Tensor2D, weight);
/** The network with what `safetensors` and `onnx` take of one: its state dict and its forward pass. */
const withState = (network: Network, data: Float32Array) => {
  const bias = { shape: [4], data: new Float32Array(4) };
  const dict = { 'layer.weight': { shape: [4, 3], data }, 'layer.bias': bias };
  const forward = <T>(images: T, layers: Layers<T>) =>
    layers.dense(layers.channelMeans(images), 'layer');
  return { ...network, forward, toStateDict: () => Promise.resolve(dict) };
};
let model: ReturnType<typeof modelOf>;
beforeAll(async () => {
  await registerTensorFlowBackend();
  const network = networkOf(means);
  const weight = tf.tidy(() => tf.transpose(network.parameters['layer.weight']!).dataSync());
  model = modelOf(withState(network, Float32Array.from(weight)));
});

test.each(exportFormats)(
  '%s carries labels, preprocessing, licence and provenance along',
  async (format) => {
    const output = join(folder, format);
    await exportModel(model, { output, format });
    const classifier = JSON.parse(readFileSync(join(output, 'classifier.json'), 'utf8'));
    const { model: file, ...rest } = classifier;
    expect(readdirSync(output)).toContain(file);
    expect(rest).toEqual({
      ...{ format: 'bag-of-tricks-classifier', version: 1, license: 'apache-2.0' },
      description: model.description,
      provenance: {
        ...{ source: 'runs/one', checkpoint: { epoch: 3 } },
        createdBy: expect.stringMatching(/^@bag-of-tricks\/model-export \d+\.\d+\.\d+/),
      },
      sha256: Object.fromEntries(
        readdirSync(output)
          .filter((name) => name !== 'classifier.json')
          .map((name) => [name, digestOf(join(output, name))]),
      ),
    });
  },
);

const digestOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('a folder that is there stays as it is; force replaces an export and nothing else', async () => {
  const output = join(folder, 'twice');
  await exportModel(model, { output });
  const before = readdirSync(output);
  await expect(exportModel(model, { output, format: 'saved-model' })).rejects.toThrow(
    /twice not to be there yet, it is. .*\(--force\)/,
  );
  expect(readdirSync(output)).toEqual(before);
  await exportModel(model, { output, format: 'saved-model', force: true });
  expect(readdirSync(output).sort()).toEqual(['classifier.json', 'saved_model.pb']);
  writeFileSync(join(output, 'README.md'), 'mine');
  await expect(exportModel(model, { output, force: true })).rejects.toThrow(
    /it holds README.md, which no export writes/,
  );
  const photos = join(folder, 'photos');
  mkdirSync(photos);
  writeFileSync(join(photos, 'mine.jpg'), '');
  for (const force of [false, true]) {
    await expect(exportModel(model, { output: photos, force })).rejects.toThrow(
      /photos not to be there yet, it holds no classifier.json, .* Choose another folder$/,
    );
  }
  expect(readdirSync(photos)).toEqual(['mine.jpg']);
});

test('an empty folder is filled, and what takes long is told before it begins', async () => {
  const output = join(folder, 'empty');
  mkdirSync(output);
  const told = async (format: ExportFormat, options: Partial<ExportOptions> = {}) => {
    const lines: string[] = [];
    const onProgress = (message: string) => lines.push(message);
    await exportModel(model, { output, format, onProgress, force: true, ...options });
    return lines;
  };
  const made = ['tracing the network', 'folding constants and batch norms'];
  const compared = (format: string) => `comparing the written ${format} with the network`;
  const computed = [
    'computing the probabilities of the network',
    'computing those of what was written',
  ];
  expect(await told('graph-model')).toEqual([
    ...['making the graph-model of own', ...made, 'fusing ops and storing the weights'],
    ...['writing 3 files', compared('graph-model'), ...computed],
  ]);
  expect(readdirSync(output)).toHaveLength(3);
  // Whoever reads pictures says how far that is.
  const images = new Uint8Array(model.description.imageSize ** 2 * model.description.channels);
  expect(await told('saved-model', { images })).toEqual([
    ...['making the saved-model of own', ...made, 'storing the weights'],
    ...['writing 2 files', compared('saved-model')],
  ]);
});

test('of two exports into one folder at once one is refused, and the other is whole', async () => {
  const output = join(folder, 'both');
  const formats = ['graph-model', 'saved-model'] as const;
  const [first, second] = await Promise.allSettled(
    formats.map((format) => exportModel(model, { output, format, force: true })),
  );
  expect(first).toMatchObject({ status: 'fulfilled' });
  expect(second).toMatchObject({
    reason: { message: expect.stringMatching(/one export into .*both at a time/) },
  });
  expect(readdirSync(output)).toHaveLength(3);
});

test('what another program puts there meanwhile stays', async () => {
  const output = join(folder, 'raced');
  const apply = (images: tf.Tensor4D, weight: tf.Tensor2D) => {
    mkdirSync(join(output, 'theirs'), { recursive: true });
    return means(images, weight);
  };
  await expect(exportModel(modelOf(networkOf(apply)), { output })).rejects.toThrow(
    /raced not to be there yet/,
  );
  expect(readdirSync(output)).toEqual(['theirs']);
});

test('what a killed export left is gone after the next one', async () => {
  const { pid } = spawnSync(process.execPath, ['--version']);
  mkdirSync(join(folder, `.tmp-after-${pid}`, 'model.json'), { recursive: true });
  await exportModel(model, { output: join(folder, 'after') });
  expect(readdirSync(folder).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
});

test('an export that is stopped leaves nothing behind, at whatever step', async () => {
  const there = readdirSync(folder);
  for (const when of ['before it is written', 'while it is compared']) {
    const stop = new AbortController();
    const enough = () => stop.abort(new Error('enough'));
    const options: ExportOptions = {
      output: join(folder, 'stopped'),
      stopSignal() {
        if (when.startsWith('before')) enough();
        return stop.signal;
      },
      onProgress: (message) => message.startsWith('comparing') && enough(),
    };
    await expect(exportModel(model, options)).rejects.toThrow('enough');
    expect(readdirSync(folder)).toEqual(there);
  }
});

test('without force, what comes in the last moment stays', async () => {
  const output = join(folder, 'late');
  disk.theirs = join(output, 'theirs');
  await expect(exportModel(model, { output })).rejects.toThrow(/late not to be there yet/);
  disk.theirs = '';
  expect(readdirSync(output)).toEqual(['theirs']);
  expect(readdirSync(folder).filter((name) => name.startsWith('.tmp-'))).toEqual([]);
});

test.each([
  [
    'before anything is written',
    { free: 1000 },
    /no space: .* MB needed, .* MB free in .*\. Free some, or choose another folder$/,
  ],
  ['at the first file', { code: 'ENOSPC' }, /ENOSPC/],
  ['at the last file', { code: 'ENOSPC', after: 2 }, /ENOSPC/],
  ['a disk that fails', { code: 'EIO', after: 1 }, /EIO/],
])('a full disk leaves nothing behind: %s', async (_, fault, message) => {
  const there = readdirSync(folder);
  Object.assign(disk, fault);
  await expect(exportModel(model, { output: join(folder, 'full') })).rejects.toThrow(message);
  Object.assign(disk, { free: Number.POSITIVE_INFINITY, code: '', after: 0 });
  expect(readdirSync(folder)).toEqual(there);
});

test('a full temporary folder, where TensorFlow writes its variables, is named', async () => {
  disk.free = 1000;
  const options = { output: join(folder, 'full'), format: 'saved-model', variables: true } as const;
  await expect(exportModel(model, options)).rejects.toThrow(
    `free in ${tmpdir()}. Free some, or set TMPDIR to another folder`,
  );
  disk.free = Number.POSITIVE_INFINITY;
});

test('what is not as the network is refused before it has its name', async () => {
  for (const format of ['graph-model', 'saved-model'] as const) {
    let calls = 0;
    // The same in both traces, and another when it is asked itself.
    const drift = (): number[] => (calls++ < 2 ? [0, 0, 0, 0] : [1, 0, 0, 0]);
    const drifting = modelOf(networkOf((x, weight) => tf.add(means(x, weight), drift())));
    await expect(exportModel(drifting, { output: join(folder, 'drift'), format })).rejects.toThrow(
      `the written ${format} to have the network's probabilities to`,
    );
  }
  expect(readdirSync(folder).filter((name) => name.includes('drift'))).toEqual([]);
});

test.each(exportFormats)('weights that are not finite are refused: %s', async (format) => {
  const data = new Float32Array(12).fill(Number.NaN);
  const network = networkOf((images, weight) => tf.mul(means(images, weight), Number.NaN));
  const broken = modelOf(withState(network, data));
  await expect(exportModel(broken, { output: join(folder, 'nan'), format })).rejects.toThrow(
    /expected finite .* of own, got NaN/,
  );
});

test('it is compared on the pictures that are given', async () => {
  const images = Uint8Array.from({ length: 40 * 768 }, (_, i) => (i * 31) % 251);
  for (const format of ['graph-model', 'saved-model'] as const) {
    const { deviation } = await exportModel(model, {
      output: join(folder, `40-${format}`),
      format,
      images,
    });
    expect(deviation).toEqual({ probability: expect.any(Number), sameTop1: 1, pictures: 40 });
  }
  const parts = async function* () {
    yield images.subarray(0, 5 * 768);
    yield images.subarray(5 * 768);
  };
  const streamed = { output: join(folder, 'parts'), images: parts() };
  expect((await exportModel(model, streamed)).deviation!.pictures).toBe(40);
  await expect(
    exportModel(model, { output: join(folder, 'part'), images: images.subarray(1) }),
  ).rejects.toThrow(/images of 16x16x3 numbers each, at least one, got 30719/);
});

test('options that do not go together are refused', async () => {
  const options = {
    output: join(folder, 'none'),
    quantize: 'uint8',
    format: 'saved-model',
  } as const;
  await expect(exportModel(model, options)).rejects.toThrow(/uint8 with the format graph-model/);
  const compared = {
    output: join(folder, 'none'),
    format: 'safetensors',
    images: new Uint8Array(768),
  } as const;
  await expect(exportModel(model, compared)).rejects.toThrow(/images to compare on with a format/);
  await expect(
    exportModel(model, { output: join(folder, 'none'), variables: true }),
  ).rejects.toThrow(/variables with the format saved-model, got graph-model/);
  const bare = modelOf(networkOf(means));
  await expect(
    exportModel(bare, { output: join(folder, 'none'), format: 'safetensors' }),
  ).rejects.toThrow(/timm's names of its weights, got own/);
  const fewer = { ...model, description: { ...model.description, classNames: ['a', 'b'] } };
  await expect(exportModel(fewer, { output: join(folder, 'none') })).rejects.toThrow(
    /logits of 2 classes, network own returns 4/,
  );
});

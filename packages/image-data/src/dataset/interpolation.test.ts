import { expect, test } from 'vitest';
import { seeded } from '../../test/support/pictures.ts';
import {
  type Batch,
  createImageDecoder,
  type ImageDatasetOptions,
  type Interpolation,
  imageDataset,
  imagesInMemory,
  resizeCenterCrop,
} from '../index.ts';

const shape = { height: 41, width: 57, channels: 3 } as const;
const size = 16;

function noise() {
  const random = seeded(2);
  const images = Uint8Array.from({ length: 41 * 57 * 3 * 8 }, () => 256 * random());
  const labels = [0, 1, 0, 1, 0, 1, 0, 1];
  return imagesInMemory({ name: 'noise', classNames: ['a', 'b'], labels, images, ...shape });
}

type Resizing = Pick<ImageDatasetOptions, 'interpolation' | 'antialias' | 'crop'>;

/** Two steps of training and the first evaluation batch. */
async function pixelsWith(options: Resizing) {
  const statistics = { mean: [128, 128, 128], std: [40, 40, 40] };
  const dataset = await imageDataset({
    ...{ train: noise(), eval: noise(), imageSize: size, evalResize: 18, workers: 1 },
    ...{ ...statistics, ...options },
  });
  const part = { epoch: 0, firstStep: 0, stepsPerEpoch: 2, batchSize: 4, seed: 1 };
  const train = await imagesOf(dataset.trainBatches(part));
  const [evaluation] = await imagesOf(dataset.evalBatches({ batchSize: 8, epoch: 0 }));
  await dataset.close();
  return { train, evaluation };
}

async function imagesOf(batches: AsyncIterable<Batch> | Iterable<Batch>) {
  const all: Uint8Array[] = [];
  for await (const { images } of batches) all.push(images.slice());
  return all;
}

test.each(['bilinear', 'bicubic', 'lanczos'] as const)(
  '%s resizes for training and for evaluation, antialiased',
  async (interpolation) => {
    const { train, evaluation } = await pixelsWith({ interpolation });
    const decoder = await createImageDecoder({ size, interpolation, antialias: true, threads: 1 });
    const source = noise();
    const place = resizeCenterCrop({ size, resize: 18 });
    const requests = Array.from({ length: 8 }, (_, index) => ({
      ...{ image: source.inMemory!(index)!, name: '', placement: place(shape, Math.random) },
    }));
    expect(evaluation).toEqual((await decoder.decode(requests)).images);
    const other = await pixelsWith({ interpolation, antialias: false });
    expect(other.train).not.toEqual(train);
    await decoder.dispose();
  },
);

test('without an interpolation images are what they were: bilinear, not antialiased', async () => {
  const plain = await pixelsWith({});
  expect(plain).toEqual(await pixelsWith({ interpolation: null, antialias: null }));
  expect(plain).toEqual(await pixelsWith({ interpolation: 'bilinear', antialias: false }));
  expect(await pixelsWith({ interpolation: 'bilinear' })).toEqual(
    await pixelsWith({ antialias: true }),
  );
});

test('random mixes bilinear and bicubic in training by the seed, and evaluates bilinear', async () => {
  const { train, evaluation } = await pixelsWith({ interpolation: 'random' });
  const [bilinear, bicubic] = [
    await pixelsWith({ interpolation: 'bilinear' }),
    await pixelsWith({ interpolation: 'bicubic' }),
  ];
  expect(evaluation).toEqual(bilinear.evaluation);
  expect((await pixelsWith({ interpolation: 'random' })).train).toEqual(train);
  const images = (batches: readonly Uint8Array[]) =>
    batches.flatMap((batch) => [0, 1, 2, 3].map((i) => batch.subarray(i * 768, (i + 1) * 768)));
  const same = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
  const by = images(train).map((image, i) => [
    same(image, images(bilinear.train)[i]!),
    same(image, images(bicubic.train)[i]!),
  ]);
  expect(by.every(([one, other]) => one !== other)).toBe(true);
  expect(new Set(by.map(([one]) => one)).size).toBe(2);
});

test('an unknown interpolation is refused before anything is decoded', async () => {
  const interpolation = 'area' as Interpolation;
  await expect(pixelsWith({ interpolation })).rejects.toThrow("'lanczos', got area");
});

import type { Batch } from '../loader/batch.ts';
import type { Batches, Dataset } from './dataset.ts';

const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;
const isFunction = (value: unknown) => typeof value === 'function';

/** What each member of a dataset must be: in words, and as a test. */
const members: Readonly<
  Partial<Record<keyof Dataset, [expected: string, fits: (value: unknown) => boolean]>>
> = {
  name: ['a string', (value) => typeof value === 'string'],
  imageShape: [
    '[height, width, channels]',
    (value) =>
      Array.isArray(value) &&
      value.length === 3 &&
      value.every((size) => size > 0 && isCount(size)),
  ],
  classNames: [
    'two names or more',
    (value) =>
      Array.isArray(value) && value.length > 1 && value.every((one) => typeof one === 'string'),
  ],
  mean: ['numbers, one a channel', (value) => Array.isArray(value) && value.every(Number.isFinite)],
  std: [
    'numbers above 0, one a channel',
    (value) => Array.isArray(value) && value.every((one) => Number.isFinite(one) && one > 0),
  ],
  trainSize: ['a number of images', isCount],
  evalSize: ['a number of images', isCount],
  trainBatches: ['a function', isFunction],
  evalBatches: ['a function', isFunction],
};

function checkMembers(data: Dataset): void {
  const given = (data ?? {}) as unknown as Readonly<Record<string, unknown>>;
  const wrong = Object.entries(members).filter(([name, [, fits]]) => !fits(given[name]));
  if (wrong.length > 0) {
    const described = wrong.map(([name, [expected]]) => {
      const got = given[name] === undefined ? 'nothing' : JSON.stringify(given[name]);
      return `${name} (expected ${expected}, got ${got})`;
    });
    throw new TypeError(
      `data: expected a Dataset, got one without a usable ${described.join(', ')}. Make it with imageDataset, or add what is missing`,
    );
  }
  for (const name of ['mean', 'std'] as const) {
    if (data[name].length === data.imageShape[2]) continue;
    throw new TypeError(
      `data: expected ${name} to be ${data.imageShape[2]} numbers, one a channel of ${data.name}, got ${data[name].length}`,
    );
  }
}

/** Which batch is checked, and what it must hold. */
interface Expected {
  readonly kind: 'training' | 'evaluation';
  /** Rows of every batch; null where they may differ. */
  readonly rows: number | null;
}

function checkBatch(batch: Batch, data: Dataset, { kind, rows: expectedRows }: Expected): void {
  const fail = (expected: string, got: unknown): never => {
    throw new TypeError(`${data.name}: expected ${kind} batches with ${expected}, got ${got}`);
  };
  const { images, labels, size } = batch;
  if (!(images instanceof Uint8Array)) {
    fail('images in a Uint8Array, on the scale 0..255', Object.prototype.toString.call(images));
  }
  const rows = labels?.length ?? 0;
  if (rows !== (expectedRows ?? rows) || rows === 0) {
    fail(
      `${expectedRows === null ? 'at least one label' : `batchSize = ${expectedRows} labels`}`,
      rows,
    );
  }
  const shape = batch.imageShape ?? data.imageShape;
  const bytes = rows * shape[0] * shape[1] * shape[2];
  if (images.length !== bytes) {
    fail(`${rows}x${shape.join('x')} = ${bytes} bytes of images`, images.length);
  }
  const [lowest, highest] = [kind === 'training' ? 0 : -1, data.classNames.length - 1];
  let usable = 0;
  for (const label of labels) {
    if (!Number.isInteger(label) || label < lowest || label > highest) {
      fail(`labels from ${lowest} to ${highest}`, label);
    }
    if (label >= 0) usable++;
  }
  if (size !== usable) fail(`size = ${usable}, the rows that hold an image`, size);
}

async function* checked(
  batches: Batches,
  data: Dataset,
  expected: Expected,
): AsyncGenerator<Batch, void, undefined> {
  for await (const batch of batches) {
    checkBatch(batch, data, expected);
    yield batch;
  }
}

/**
 * A dataset of the caller's own, whose members are checked at once and whose batches are checked as they come: on the host, where a label
 * that is no class can still be named instead of becoming a wrong loss.
 *
 * @throws TypeError naming what is missing.
 */
export function checkedDataset(data: Dataset): Dataset {
  checkMembers(data);
  const { name, imageShape, classNames, mean, std, trainSize, evalSize, worldSize = 1 } = data;
  return {
    ...{ name, imageShape, classNames, mean, std, trainSize, evalSize, worldSize },
    colorVariation: data.colorVariation ?? null,
    trainBatches: (part, options) =>
      checked(data.trainBatches(part, options), data, { kind: 'training', rows: part.batchSize }),
    evalBatches: (part, options) =>
      checked(data.evalBatches(part, options), data, { kind: 'evaluation', rows: null }),
    ...(data.plainBatches && {
      plainBatches: (part, options) =>
        checked(data.plainBatches!(part, options), data, { kind: 'evaluation', rows: null }),
    }),
    ...(data.cacheBytes && { cacheBytes: () => data.cacheBytes!() }),
    ...(data.fingerprint !== undefined && { fingerprint: data.fingerprint }),
    ...(data.files && { files: () => data.files!() }),
    ...(data.describe && { describe: (index) => data.describe!(index) }),
    ...(data.describeEval && { describeEval: (index) => data.describeEval!(index) }),
    close: () => data.close(),
  };
}

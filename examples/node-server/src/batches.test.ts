import { BadImageError, type Classifier } from '@bag-of-tricks/classifier';
import { expect, test } from 'vitest';
import { openBatches } from './batches.ts';

const never = () => new AbortController().signal;
const picture = (byte: number) => Uint8Array.of(byte);

/** Says of a picture what its only byte is, one batch at each call of `next`; 255 is no picture, and 254 breaks the network. */
function fakeClassifier() {
  const batches: number[][] = [];
  const waiting: (() => void)[] = [];
  const classifyBatch: Classifier['classifyBatch'] = async (
    pictures,
    { top = 5, onBadImage } = {},
  ) => {
    const bytes = pictures.map((one) => (one as Uint8Array)[0]!);
    batches.push(bytes);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (bytes.includes(254)) throw new Error('out of memory');
    return bytes.map((byte, i) => {
      if (byte === 255) {
        onBadImage!(new BadImageError('none', 'not-a-picture'), i);
        return null;
      }
      return Array.from({ length: top }, (_, index) => ({
        index,
        name: `${byte}`,
        probability: 0,
      }));
    });
  };
  const next = async () => {
    await expect.poll(() => waiting.length).toBe(1);
    waiting.shift()!();
  };
  return { classifier: { classifyBatch } as Classifier, batches, next };
}

test('a full batch runs at once, what comes meanwhile is the next, and each gets as many classes as it wants', async () => {
  const { classifier, batches, next } = fakeClassifier();
  const { classify, counts } = openBatches(classifier, { batchSize: 3, batchDelay: 1e6 });
  const results = [1, 2, 3, 4, 5, 6, 7].map((byte) =>
    classify(picture(byte), { top: byte, signal: never() }),
  );
  await next();
  await next();
  await next();
  const tops = await Promise.all(results);
  expect(tops.map((top) => [Number(top[0]!.name), top.length])).toEqual(
    [1, 2, 3, 4, 5, 6, 7].map((byte) => [byte, byte]),
  );
  expect(batches).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  expect(counts).toEqual({ pictures: 7, batches: 3 });
});

test('a batch that is not full runs after the delay', async () => {
  const { classifier, batches, next } = fakeClassifier();
  const { classify } = openBatches(classifier, { batchSize: 3, batchDelay: 10 });
  for (const bytes of [[1, 2], [3]]) {
    const results = bytes.map((byte) => classify(picture(byte), { top: 1, signal: never() }));
    await next();
    await Promise.all(results);
  }
  expect(batches).toEqual([[1, 2], [3]]);
});

test('a bad picture rejects alone, a network that fails rejects its batch, and the next one runs', async () => {
  const { classifier, next } = fakeClassifier();
  const { classify } = openBatches(classifier, { batchSize: 2, batchDelay: 0 });
  const results = Promise.allSettled(
    [1, 255, 254, 2, 3].map((byte) => classify(picture(byte), { top: 1, signal: never() })),
  );
  for (let batch = 0; batch < 3; batch++) await next();
  const told = (await results).map((one) =>
    one.status === 'fulfilled' ? one.value[0]!.name : one.reason.message,
  );
  expect(told).toEqual(['1', 'none', 'out of memory', 'out of memory', '3']);
});

test('a picture that nobody waits for any more is left out', async () => {
  const { classifier, batches, next } = fakeClassifier();
  const { classify } = openBatches(classifier, { batchSize: 1, batchDelay: 0 });
  const gone = new AbortController();
  const [first, second, third] = [1, 2, 3].map((byte) =>
    classify(picture(byte), { top: 1, signal: byte === 2 ? gone.signal : never() }),
  );
  gone.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  await next();
  await next();
  await Promise.all([first, third]);
  expect(batches).toEqual([[1], [3]]);
});

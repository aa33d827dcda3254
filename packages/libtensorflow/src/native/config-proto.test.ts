import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeThreads } from './config-proto.ts';

test('the bytes are those of protobuf: field 2 and field 5, as varints', () => {
  // python: ConfigProto(intra_op_parallelism_threads=4, inter_op_parallelism_threads=300).SerializeToString()
  const expected = [0x10, 0x04, 0x28, 0xac, 0x02];
  expect([...encodeThreads({ intraOpThreads: 4, interOpThreads: 300 })]).toEqual(expected);
});

test('every number of threads comes back from its varint', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1024 }), (threads) => {
      const [tag, low, high = 0] = encodeThreads({ intraOpThreads: threads });
      expect(tag).toBe(0x10);
      expect((low! & 127) + high * 128).toBe(threads);
    }),
  );
});

test('nothing is said where nothing is asked', () => {
  expect(encodeThreads({})).toHaveLength(0);
});

test.each([0, -1, 1.5, 1025, Number.NaN])('%s threads are out of range', (threads) => {
  expect(() => encodeThreads({ interOpThreads: threads })).toThrow(
    `expected interOpThreads to be a whole number from 1 to 1024, got ${threads}`,
  );
});

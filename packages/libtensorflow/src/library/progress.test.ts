import { expect, test } from 'vitest';
import { formatProgress } from './progress.ts';

test('a download is shown in megabytes, per cent and seconds', () => {
  const progress = { phase: 'download', elapsedSeconds: 12.4, receivedBytes: 137e6 } as const;
  expect(formatProgress({ ...progress, totalBytes: 274e6 })).toBe(
    'downloading the TensorFlow library: 137 of 274 MB (50 %), 12 s',
  );
});

test('a step without a measure is shown with its time', () => {
  expect(formatProgress({ phase: 'unpack', elapsedSeconds: 3 })).toBe(
    'unpacking the TensorFlow library: 3 s',
  );
});

import { expect, test } from 'vitest';
import { requireSameTop, summarize } from './browser.ts';

test('a contestant is compared with onnxruntime-web on as many threads', () => {
  const rows = [
    { contestant: 'network', threads: 1, times: [40, 50, 45] },
    { contestant: 'network', threads: 2, times: [25, 20, 30] },
    { contestant: 'onnxruntime-web', threads: 2, times: [50, 50, 20] },
  ];
  expect(rows.map((row) => summarize(row, rows).ratio)).toEqual([
    null,
    { median: 2, min: 20 / 30, max: 2.5 },
    { median: 1, min: 1, max: 1 },
  ]);
  expect(summarize(rows[0]!, rows)).toMatchObject({
    contestant: 'network',
    imageMs: { median: 45, min: 40, max: 50 },
    imagesPerSecond: { median: 1000 / 45 },
  });
});

test('contestants that see something else in a picture are not compared', () => {
  const tops = new Map();
  requireSameTop(tops, 'network', { index: 7, probability: 0.002 });
  requireSameTop(tops, 'classifier', { index: 3, probability: 0.002 });
  requireSameTop(tops, 'onnxruntime-web', { index: 7, probability: 0.0020001 });
  expect(() => requireSameTop(tops, 'classifier-pixels', { index: 7, probability: 0.002 })).toThrow(
    'expected class 3 with 0.002, got 7 with 0.002 of classifier-pixels. Their speed',
  );
  expect(() => requireSameTop(tops, 'onnxruntime-web', { index: 7, probability: 0.0021 })).toThrow(
    'got 7 with 0.0021 of onnxruntime-web',
  );
});

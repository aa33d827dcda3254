import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TensorFlowApi } from './api.ts';
import { defaultReserve, reserveHugePages } from './huge-pages.ts';

test('a sixteenth of the memory is reserved, or of what a container may have', () => {
  expect(defaultReserve(16e9, 0)).toBe(1e9);
  expect(defaultReserve(16e9, 8e9)).toBe(0.5e9);
  expect(defaultReserve(16e9, 2 ** 63)).toBe(1e9);
});

test.each(['darwin', 'win32'])('on %s nothing is reserved, and no function called', (os) => {
  expect(reserveHugePages({} as TensorFlowApi, 1e6, os)).toBe(false);
});

const enabled = () => {
  try {
    const file = '/sys/kernel/mm/transparent_hugepage/enabled';
    return !readFileSync(file, 'latin1').includes('[never]');
  } catch {
    return false;
  }
};

/** MiB of memory before, and of huge pages after a process filled two tensors of 256 MiB. */
function memory(options: string): { huge: number; resident: number } {
  const script = `
    import { readFileSync } from 'node:fs';
    import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
    import * as tf from '@tensorflow/tfjs-core';
    const sum = (name) =>
      readFileSync('/proc/self/smaps', 'latin1')
        .split('\\n')
        .filter((line) => line.startsWith(name + ':'))
        .reduce((total, line) => total + Number.parseInt(line.split(':')[1]) / 1024, 0);
    await registerTensorFlowBackend(${options});
    const resident = sum('Rss');
    const x = tf.ones([2 ** 26]);
    const y = tf.add(x, 1);
    console.log(JSON.stringify({ huge: sum('AnonHugePages'), resident }));
  `;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  return JSON.parse(printed.trim().split('\n').at(-1)!);
}

test.runIf(process.platform === 'linux' && enabled())(
  'tensors stand in huge pages, and the reserve takes little memory before it is used',
  { tags: ['slow'] },
  () => {
    const reserved = memory('{}');
    const plain = memory('{ hugePages: false }');
    expect(reserved.huge).toBeGreaterThan(200);
    expect(plain.huge).toBeLessThan(50);
    expect(reserved.resident - plain.resident).toBeLessThan(100);
  },
);

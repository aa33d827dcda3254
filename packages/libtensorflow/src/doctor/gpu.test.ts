import { expect, test } from 'vitest';
import type { LibraryLocation } from '../library/location.ts';
import { gpuFinding } from './gpu.ts';

const cards = ['GPU 0: NVIDIA H100 (UUID: GPU-1)'];
const location: LibraryLocation = {
  source: 'cache',
  directory: '/d',
  corePath: '/d/c',
  frameworkPath: '/d/f',
  preload: [],
  tried: [],
};

test('a machine without a card is as it should be', () => {
  const finding = gpuFinding({ reason: 'nvidia-smi is not on the PATH' }, location, []);
  expect(finding).toMatchObject({ status: 'ok', value: 'none (nvidia-smi is not on the PATH)' });
});

test('a card that TensorFlow sees is fine', () => {
  const gpu = { name: '/device:GPU:0', type: 'GPU', memoryBytes: 1 };
  expect(gpuFinding(cards, location, [gpu])).toEqual({
    name: 'NVIDIA GPU',
    value: 'GPU 0: NVIDIA H100',
    status: 'ok',
  });
});

test('a card with the CPU build asks for the GPU build', () => {
  const finding = gpuFinding(cards, location, []);
  expect(finding).toMatchObject({ status: 'warn', remedy: expect.stringContaining('gpu: true') });
});

test('a card that the GPU build does not see asks for the driver', () => {
  const finding = gpuFinding(cards, { ...location, preload: ['/libcudart.so.12'] }, []);
  expect(finding.remedy).toContain('CUDA_VISIBLE_DEVICES');
});

test('a card on Windows is told of WSL 2', () => {
  expect(gpuFinding(cards, undefined, [], 'win32').remedy).toContain('WSL 2');
});

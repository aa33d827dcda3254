import { expect, test } from 'vitest';
import { readOutputs } from './eager-runner.ts';
import { explainWasmMemory } from './wasm-memory.ts';

test('a step that is too large for wasm says so, and what to do', async () => {
  const write = () => {
    throw Object.assign(new Error('memory access out of bounds'), { name: 'RuntimeError' });
  };
  await expect(readOutputs(write)).rejects.toThrow(
    /memory of wasm.* got 'memory access out of bounds'\. Take fewer images a step \(--batch-size/,
  );
});

test('other errors stay as they are', () => {
  const error = new Error('of the step');
  expect(explainWasmMemory(error)).toBe(error);
});

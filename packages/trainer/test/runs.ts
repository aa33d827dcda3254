import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSafetensors, toFloat32Array } from '@bag-of-tricks/safetensors';
import type { BatchLog, TrainHooks } from '../src/log/hooks.ts';

/** The objects of a file of lines in a run folder, such as `metrics.jsonl`. */
export function readLines(runFolder: string, name: string) {
  return readFileSync(join(runFolder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** The loss of each step. */
export function losses(runFolder: string): number[] {
  return readLines(runFolder, 'metrics.jsonl').map(({ loss }) => loss);
}

/** The weights of the last checkpoint by name. */
export function weights(runFolder: string): Map<string, Float32Array> {
  const file = readFileSync(join(runFolder, 'checkpoints', 'last', 'model.safetensors'));
  return new Map(
    [...parseSafetensors(file).tensors].map(([name, tensor]) => [name, toFloat32Array(tensor)]),
  );
}

/** Aborts after a number of steps, as Ctrl-C does. */
export function stopAfter(steps: number): { signal: AbortSignal; hooks: TrainHooks[] } {
  const controller = new AbortController();
  const onBatchEnd = ({ step }: BatchLog) => {
    if (step === steps) controller.abort();
  };
  return { signal: controller.signal, hooks: [{ onBatchEnd }] };
}

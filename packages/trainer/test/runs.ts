import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKSUMS, checksumsOf } from '@bag-of-tricks/durable-files';
import {
  type BatchLog,
  type NamedArray,
  parseArrays,
  serializeArrays,
  type TrainHooks,
} from '@bag-of-tricks/run-folder';

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

/** The arrays of a file of the last checkpoint by name. */
export function arrays(runFolder: string, file: string): Record<string, NamedArray> {
  const bytes = readFileSync(join(runFolder, 'checkpoints', 'last', file));
  return parseArrays(bytes);
}

/** The weights of the last checkpoint by name. */
export function weights(runFolder: string): Map<string, NamedArray['data']> {
  const named = Object.entries(arrays(runFolder, 'model.safetensors'));
  return new Map(named.map(([name, { data }]) => [name, data]));
}

/** The scalars that tricks keep in the last checkpoint, by `<trick>/<name>`. */
export function trickState(runFolder: string): Record<string, number> {
  const named = Object.entries(arrays(runFolder, 'tricks.safetensors'));
  return Object.fromEntries(named.map(([name, { data }]) => [name, data[0]!]));
}

/** Changes a checkpoint, and its checksums with it; null deletes a file. */
export function changeFiles(
  folder: string,
  changes: Readonly<Record<string, string | Uint8Array | null>>,
): void {
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) rmSync(join(folder, name));
    else writeFileSync(join(folder, name), content);
  }
  const names = readdirSync(folder).filter((name) => name !== CHECKSUMS);
  const files = names.map((name) => [name, readFileSync(join(folder, name))] as const);
  writeFileSync(join(folder, CHECKSUMS), checksumsOf(Object.fromEntries(files)));
}

/** Overwrites scalars of the last checkpoint's tricks. */
export function changeTrickState(runFolder: string, changes: Record<string, number>): void {
  const named = Object.entries(changes).map(([name, value]) => {
    return [name, { shape: [], data: Float32Array.of(value) }] as const;
  });
  const all = { ...arrays(runFolder, 'tricks.safetensors'), ...Object.fromEntries(named) };
  changeFiles(join(runFolder, 'checkpoints', 'last'), {
    'tricks.safetensors': serializeArrays(all, {}),
  });
}

/** Aborts after a number of steps, as Ctrl-C does. */
export function stopAfter(steps: number): { signal: AbortSignal; hooks: TrainHooks[] } {
  const controller = new AbortController();
  const onBatchEnd = ({ step }: BatchLog) => {
    if (step === steps) controller.abort();
  };
  return { signal: controller.signal, hooks: [{ onBatchEnd }] };
}

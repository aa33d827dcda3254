import type { StateDictEntry } from '@bag-of-tricks/network-layers';
import { parseSafetensors, toTypedArray } from '@bag-of-tricks/safetensors';

/** The tensors of a safetensors file as float32, without PyTorch's counters of batches. */
export function readTensors(bytes: Uint8Array): Record<string, StateDictEntry> {
  const { tensors } = parseSafetensors(bytes);
  return Object.fromEntries(
    [...tensors]
      .filter(([name]) => !name.endsWith('num_batches_tracked'))
      .map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: Float32Array.from(toTypedArray(tensor) as ArrayLike<number>) },
      ]),
  );
}

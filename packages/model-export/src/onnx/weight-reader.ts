import type { StateDict, StateDictEntry } from '@bag-of-tricks/network-layers';

export interface WeightReader {
  /**
   * The array of this name and shape, in which null is any size and axes of size 1 at the end may be left out.
   *
   * @throws Error when there is none, it has another shape, or a number is not finite.
   */
  read(name: string, shape: readonly (number | null)[]): StateDictEntry;
  /** @throws Error naming what nothing has read. */
  finish(): void;
}

/** What one message of protobuf may hold, less 16 MiB for what is not weights. */
const maxBytes = 2 ** 31 - 2 ** 24;

const megabytes = (bytes: number) => Math.round(bytes / 1e6);

/** So many bytes take seconds. */
const toldBytes = 2 ** 25;

/**
 * Reads the state dict of a network, in PyTorch's layout.
 *
 * @param onProgress Called with a line of text each 32 MiB.
 * @throws RangeError when it is larger than a file of ONNX may be.
 */
export function weightReader(
  network: string,
  dict: StateDict,
  onProgress: (message: string) => void = () => {},
): WeightReader {
  const bytes = Object.values(dict).reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > maxBytes) {
    throw new RangeError(
      `exportModel: expected less than 2 GiB of weights, for an ONNX file is one protobuf message, got ${(bytes / 2 ** 30).toFixed(2)} GiB in ${network}. Export it to safetensors`,
    );
  }
  const refuse = (problem: string): never => {
    throw new Error(
      `exportModel: expected the state dict of network ${network}, got one in which ${problem}. Load weights of this network`,
    );
  };
  const unread = new Set(
    Object.keys(dict).filter((name) => !name.endsWith('.num_batches_tracked')),
  );
  let done = 0;
  return {
    read(name, shape) {
      const entry = dict[name] ?? refuse(`${name} is missing`);
      const fits =
        shape.every((size, axis) => (size ?? entry.shape[axis]) === entry.shape[axis]) &&
        entry.shape.slice(shape.length).every((size) => size === 1);
      const values = entry.shape.reduce((product, size) => product * size, 1);
      if (!fits || entry.data.length !== values) {
        const expected = shape.map((size) => size ?? 'any').join();
        refuse(
          `${name} has ${entry.data.length} values of shape [${entry.shape}], not [${expected}]`,
        );
      }
      const wrong = entry.data.find((value) => !Number.isFinite(value));
      if (wrong !== undefined) {
        throw new Error(
          `exportModel: expected finite weights of ${network}, got ${wrong} in ${name}. Export other weights`,
        );
      }
      unread.delete(name);
      const before = done;
      done += entry.data.byteLength;
      if (Math.floor(done / toldBytes) > Math.floor(before / toldBytes))
        onProgress(`making the layers: ${megabytes(done)} of ${megabytes(bytes)} MB of weights`);
      return entry;
    },
    finish() {
      if (unread.size > 0) refuse(`nothing needs ${[...unread].join(', ')}`);
    },
  };
}

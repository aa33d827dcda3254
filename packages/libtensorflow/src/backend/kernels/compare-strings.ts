import {
  broadcast_util,
  broadcastTo,
  type KernelConfig,
  range,
  reshape,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';

/** The comparisons that TensorFlow has no op for on strings. */
export const orders: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  Greater: (a, b) => a > b,
  GreaterEqual: (a, b) => a >= b,
  Less: (a, b) => a < b,
  LessEqual: (a, b) => a <= b,
};

/** A comparison that takes strings too, which JavaScript compares: such values are read, so it cannot be compiled. */
export function comparingStrings(
  stock: KernelConfig,
  holds: (a: string, b: string) => boolean,
): KernelConfig {
  return {
    ...stock,
    kernelFunc: (call) => {
      const { a, b } = call.inputs as { a: Tensor; b: Tensor };
      if (a.dtype !== 'string' || b.dtype !== 'string') return stock.kernelFunc(call);
      return tidy(() => {
        const shape = broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
        const [left, right] = [a, b].map((x) => broadcastStrings(x, shape));
        return tensor(
          left!.map((value, i) => holds(value, right![i]!)),
          shape,
          'bool',
        );
      });
    },
  };
}

/** tfjs broadcasts numbers alone: so the places of the strings. */
function broadcastStrings(x: Tensor, shape: number[]): string[] {
  const strings = x.dataSync() as unknown as string[];
  const places = reshape(range(0, x.size, 1, 'int32'), x.shape);
  return Array.from(broadcastTo(places, shape as [number]).dataSync(), (i) => strings[i]!);
}

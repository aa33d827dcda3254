import { compile, type InputSpec } from '@bag-of-tricks/graph';
import * as tf from '@tensorflow/tfjs-core';
import { type KernelCall, mapInputs, type TensorData } from './call.ts';

/** What a graph makes of a call, beside its eager values: the same bits; the same but for rounding; other values; or no graph. */
export interface Replay {
  readonly status: 'same' | 'close' | 'different' | 'refused';
  /** What differs, or what the error says. */
  readonly detail?: string;
}

type Values = ArrayLike<number>;
interface Output {
  readonly shape: readonly number[];
  readonly values: Values;
}

/** Runs a call eagerly, and as a graph whose inputs are the call's, and compares the values. Only strings are constants. */
export async function replayCall(call: KernelCall): Promise<Replay> {
  tf.engine().startScope();
  try {
    const tensors: tf.Tensor[] = [];
    mapInputs(call.inputs, (data: TensorData) => tensors.push(tf.keep(toTensor(data))));
    const eager = tf.tidy(() => Object.values(run(call, tensors)).map(read) as never) as Output[];
    const outputs = await runCompiled(call, tensors).catch((error: Error) => error);
    for (const tensor of tensors) tensor.dispose();
    if (outputs instanceof Error) return { status: 'refused', detail: outputs.message };
    return compare(outputs, eager);
  } finally {
    tf.engine().endScope();
  }
}

/** The call's outputs by name; complex ones in two parts. */
function run({ kernel, inputs, attributes }: KernelCall, tensors: readonly tf.Tensor[]) {
  const given = mapInputs(inputs, (_, place) => tensors[place]!) as tf.NamedTensorMap;
  const outputs = [tf.engine().runKernel(kernel, given, attributes)].flat() as tf.Tensor[];
  const parts = outputs.flatMap((output) =>
    output.dtype === 'complex64' ? [tf.real(output), tf.imag(output)] : [output],
  );
  return Object.fromEntries(parts.map((part, i) => [`y${i}`, part]));
}

async function runCompiled(call: KernelCall, tensors: readonly tf.Tensor[]): Promise<Output[]> {
  const fed: Record<string, tf.Tensor> = {};
  tensors.forEach((tensor, i) => {
    if (tensor.dtype === 'complex64') {
      fed[`x${i}`] = tf.real(tensor);
      fed[`x${i}i`] = tf.imag(tensor);
    } else if (tensor.dtype !== 'string') fed[`x${i}`] = tensor;
  });
  const specs = Object.entries(fed).map(([name, { shape, dtype }]) => [name, { shape, dtype }]);
  const traced = (inputs: Record<string, tf.Tensor>) =>
    run(
      call,
      tensors.map((tensor, i) => {
        if (tensor.dtype === 'string') return tensor;
        const [x, imaginary] = [inputs[`x${i}`]!, inputs[`x${i}i`]];
        return imaginary === undefined ? x : tf.complex(x, imaginary);
      }),
    );
  const compiled = await compile(traced as (inputs: object) => Record<string, tf.Tensor>, {
    inputs: Object.fromEntries(specs) as Record<string, InputSpec>,
  });
  try {
    const results = await compiled.run(fed);
    return Object.values(results).map((result) =>
      typeof result === 'number' ? { shape: [], values: [result] } : result,
    );
  } finally {
    await compiled.dispose();
  }
}

function toTensor({ dtype, shape, values }: TensorData): tf.Tensor {
  const dims = [...shape];
  if (dtype === 'string') {
    const strings = Array.from(values as Uint8Array[], (bytes) => Buffer.from(bytes).toString());
    return tf.tensor(strings, dims, 'string');
  }
  if (dtype !== 'complex64') return tf.tensor(values as tf.TypedArray, dims, dtype);
  const part = (offset: number) =>
    Array.from(values as Float32Array).filter((_, i) => i % 2 === offset);
  return tf.complex(tf.tensor(part(0), dims), tf.tensor(part(1), dims));
}

function read(tensor: tf.Tensor): Output {
  return { shape: tensor.shape, values: tensor.dataSync() };
}

function compare(actual: readonly Output[], expected: readonly Output[]): Replay {
  let status: 'same' | 'close' = 'same';
  for (const [i, { shape, values }] of expected.entries()) {
    const got = actual[i]!;
    if (String(got.shape) !== String(shape)) {
      return { status: 'different', detail: `shape [${got.shape}] instead of [${shape}]` };
    }
    const scale = Array.from(values, Math.abs).filter(Number.isFinite);
    const tolerance = 1e-5 * scale.reduce((a, b) => Math.max(a, b), 1e-30);
    for (let j = 0; j < values.length; j++) {
      const [a, b] = [got.values[j]!, values[j]!];
      if (Object.is(a, b)) continue;
      if (!(Math.abs(a - b) <= tolerance)) {
        return { status: 'different', detail: `${a} instead of ${b}` };
      }
      status = 'close';
    }
  }
  return { status };
}

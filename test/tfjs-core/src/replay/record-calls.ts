import { createHash } from 'node:crypto';
import { serialize } from 'node:v8';
import type { NamedTensorMap, TensorInfo } from '@tensorflow/tfjs-core';
import type { Suite } from '../suite.ts';
import { type KernelCall, mapInputs, type Recording, type TensorData } from './call.ts';

/** A call with more elements is not kept. */
const maxElements = 100_000;

/** Runs tfjs-core's tests and notes each call of a kernel that succeeds, with the values of its inputs. */
export async function recordCalls(
  { core, run }: Suite,
  filter?: (test: string) => boolean,
): Promise<Recording> {
  const engine = core.engine();
  const { runKernel } = engine;
  const calls: KernelCall[] = [];
  const places = new Map<string, number>();
  const tests: { name: string; calls: number[] }[] = [];
  let made = new Set<number>();
  let callCount = 0;
  let tooLarge = 0;

  const note = (call: KernelCall) => {
    const bytes = serialize(call);
    const key = createHash('sha1').update(bytes).digest('hex');
    const place = places.get(key) ?? calls.push(call) - 1;
    places.set(key, place);
    made.add(place);
  };
  engine.runKernel = ((kernel: string, inputs: NamedTensorMap, attributes?: object) => {
    let elements = 0;
    const count = ({ shape }: TensorInfo) => {
      elements += shape.reduce((size, n) => size * n, 1);
    };
    mapInputs(inputs, count);
    const data = mapInputs(inputs, ({ dataId, dtype, shape }: TensorInfo): TensorData => {
      const values = elements > maxElements ? [] : engine.readSync(dataId);
      return { dtype, shape, values: values as TensorData['values'] };
    });
    const outputs = runKernel.call(engine, kernel, inputs, attributes as never);
    callCount++;
    for (const output of [outputs].flat()) count(output);
    if (elements > maxElements) tooLarge++;
    else note({ kernel, inputs: data, attributes } as KernelCall);
    return outputs;
  }) as typeof engine.runKernel;
  try {
    await run({
      ...(filter !== undefined && { filter }),
      onStart: () => {
        made = new Set();
      },
      onEnd: ({ name, status }) => {
        if (status === 'passed') tests.push({ name, calls: [...made] });
      },
    });
  } finally {
    engine.runKernel = runKernel;
  }
  return { calls, tests, callCount, tooLarge };
}

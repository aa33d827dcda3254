import { allReduce } from '@bag-of-tricks/data-parallel';
import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { median } from '../statistics.ts';
import { joinGroup } from './group.ts';

/** What `reduce-times` is asked for. */
export interface ReduceSpec {
  /** Of the tensors, each a collective of its own. */
  readonly bytes: readonly number[];
  readonly repeats: number;
}

/** One all-reduce, as a process saw it. */
export interface ReduceTime {
  readonly bytes: number;
  /** Median. */
  readonly ms: number;
  /** Mean time of all cores. */
  readonly cpuMs: number;
}

/** Times all-reduces and nothing else, with the others of the group. */
export async function reduceTimes({ bytes, repeats }: ReduceSpec): Promise<ReduceTime[]> {
  await registerTensorFlowBackend();
  const group = await joinGroup(process.env);
  if (group === null) throw new Error('reduce-times: expected a group of processes, got one.');
  const { cluster, size, timeout } = group;
  const results: ReduceTime[] = [];
  for (const wanted of bytes) {
    const values = tf.variable(tf.ones([wanted / 4]));
    const reduce = allReduce({ size, bucketBytes: wanted, timeout });
    const step = await compile(() => tf.slice(reduce({ values }).values!, 0, 1), {
      inputs: {},
      session: { cluster },
    });
    for (let i = 0; i < 3; i++) await step.run({});
    const { user, system } = process.cpuUsage();
    const times = [];
    for (let i = 0; i < repeats; i++) {
      const start = performance.now();
      await step.run({});
      times.push(performance.now() - start);
    }
    const used = process.cpuUsage({ user, system });
    const cpuMs = (used.user + used.system) / 1000 / repeats;
    results.push({ bytes: wanted, ms: median(times), cpuMs });
    await step.dispose();
    values.dispose();
  }
  await group.meet();
  return results;
}

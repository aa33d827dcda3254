import { compile } from '@bag-of-tricks/graph';
import { registerTensorFlowBackend } from '@bag-of-tricks/libtensorflow';
import { convolution } from '@bag-of-tricks/network-layers';
import * as tf from '@tensorflow/tfjs-core';
import type { Layer } from '../layers.ts';
import { median } from '../statistics.ts';
import { watchLoad } from './foreign-load.ts';
import { threadOptions } from './threads.ts';

/** What one process is to measure; `python/layer_times.py` reads the same, and whether its layout is channels last. */
export interface LayerSpec {
  readonly layers: readonly Layer[];
  readonly batchSize: number;
  readonly steps: number;
  readonly warmupSteps: number;
  readonly threads: number | null;
}

/** A pass of a layer: the median time, the processor time of all threads, and the norm of the result, which all must have. */
export interface PassTime {
  readonly ms: number;
  readonly cpuMs: number;
  readonly norm: number;
}

/** The passes of a layer, in the order in which they are measured. */
export const PASSES = ['forward', 'inputGradient', 'filterGradient'] as const;

export interface LayerTimes {
  /** For each layer its passes. */
  readonly layers: readonly Readonly<Record<(typeof PASSES)[number], PassTime>>[];
  readonly foreignShare: number | null;
}

/** Values in -1..1 that PyTorch's side makes too, exactly. */
function values(shape: readonly number[], factor: number): tf.Tensor4D {
  const data = new Float32Array(tf.util.sizeFromShape([...shape]));
  for (let i = 0; i < data.length; i++) data[i] = ((i * factor) % 1013) / 506 - 1;
  return tf.tensor4d(data, [...shape] as tf.Tensor4D['shape']);
}

/** Times a pass in a graph of its own, whose inputs are state: nothing is fed. */
async function time(pass: () => tf.Tensor, { steps, warmupSteps }: LayerSpec): Promise<PassTime> {
  const compiled = await compile(() => tf.slice(tf.reshape(pass(), [-1]), 0, 1), { inputs: {} });
  const times: number[] = [];
  const cpuTimes: number[] = [];
  for (let step = 0; step < warmupSteps + steps; step++) {
    const [start, cpuStart] = [performance.now(), process.cpuUsage()];
    await compiled.run({});
    times.push(performance.now() - start);
    const { user, system } = process.cpuUsage(cpuStart);
    cpuTimes.push((user + system) / 1000);
  }
  compiled.dispose();
  const [norm] = tf.tidy(() => tf.norm(pass()).dataSync());
  const timed = (all: readonly number[]) => median(all.slice(warmupSteps));
  return { ms: timed(times), cpuMs: timed(cpuTimes), norm: norm! };
}

/** Measures each layer of `spec`, forward and both gradients, as networks run it. */
export async function layerTimes(spec: LayerSpec): Promise<LayerTimes> {
  await registerTensorFlowBackend(threadOptions(spec.threads));
  const load = watchLoad();
  const layers = [];
  for (const { size, channels, kernelSize, stride, groups } of spec.layers) {
    const outputs = Math.ceil(size / stride);
    const x = tf.variable(values([spec.batchSize, size, size, channels], 7919));
    const w = tf.variable(values([kernelSize, kernelSize, channels / groups, channels], 104729));
    const dy = tf.variable(values([spec.batchSize, outputs, outputs, channels], 1299709));
    const layer = (a: tf.Tensor, b: tf.Tensor) =>
      convolution(a as tf.Tensor4D, b as tf.Tensor4D, { stride, groups });
    const forward = await time(() => layer(x, w), spec);
    const inputGradient = await time(() => tf.grad((a) => layer(a, w))(x, dy), spec);
    const filterGradient = await time(() => tf.grad((b) => layer(x, b))(w, dy), spec);
    layers.push({ forward, inputGradient, filterGradient });
    tf.dispose([x, w, dy]);
  }
  return { layers, foreignShare: load() };
}

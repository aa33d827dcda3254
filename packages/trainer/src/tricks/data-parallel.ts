import { allReduce } from '@bag-of-tricks/data-parallel';
import { withSharedStatistics } from '@bag-of-tricks/network-layers';
import { ConfigError, defineTrick, type Metrics } from '@bag-of-tricks/train-step';
import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/**
 * Processes that train together take the same step: each computes the gradients of its part of the batch, and all take their mean. Around
 * the accumulation, so that parts are exchanged once, and within the loss scaling, so that all see the same overflow.
 */
export const dataParallel = defineTrick({
  name: 'dataParallel',
  description: 'average the gradients of the processes that train together',
  on: true,
  settings: {
    wire: z
      .enum(['float32', 'bfloat16', 'float16'])
      .default('float32')
      .describe('type of the gradients between processes; 16 bits halve the bytes'),
    syncBatchNorm: z
      .boolean()
      .default(false)
      .describe('batch norm by the statistics of all processes, exchanged in each layer'),
  },
  flags: [
    ['--wire <type>', 'wire'],
    {
      ...{ flags: '--sync-bn', path: 'syncBatchNorm', value: true },
      description: 'batch norm by the statistics of all processes',
    },
    ['--no-data-parallel', null, 'each process by itself, which a run of several refuses'],
  ],
  build({ wire, syncBatchNorm }, { network, processes }) {
    if (!processes || processes.size === 1) return {};
    const { size, timeout } = processes;
    const ofGradients = allReduce({ size, wire, timeout });
    // Running statistics would be stuck in 8 bits.
    const ofScalars = allReduce({ size, timeout });
    const statistics = Object.values(network.buffers).filter(({ dtype }) => dtype === 'float32');
    const sharing: <T>(run: () => T) => T = (run) => {
      let layers = 0;
      const mean = (values: tf.Tensor1D) => {
        layers++;
        return ofScalars({ values }).values as tf.Tensor1D;
      };
      const result = withSharedStatistics({ size, mean }, run);
      if (layers > 0) return result;
      throw new ConfigError(
        `dataParallel.syncBatchNorm: expected a network with batch norm of @bag-of-tricks/network-layers that learns, got ${network.name}. Leave --sync-bn out`,
      );
    };
    return {
      synchronizes: true,
      draws: { shapes: { stop: [] }, draw: () => ({ stop: processes.isToStop() ? 1 : 0 }) },
      gradients: (inner) => (batch, at, seed) => {
        const before = statistics.map(({ dataId }) => dataId);
        const { gradients, metrics } = syncBatchNorm
          ? sharing(() => inner(batch, at, seed))
          : inner(batch, at, seed);
        // What is frozen is the same everywhere, and stays so to the bit.
        const moved = statistics.filter(({ dataId }, i) => dataId !== before[i]);
        const names = moved.map(({ name }) => name);
        const { stopping, ...means } = ofScalars({
          ...Object.fromEntries(moved.map((variable) => [variable.name, variable as tf.Tensor])),
          ...(metrics as tf.NamedTensorMap),
          stopping: at.draws.stop!,
        });
        moved.forEach((variable, i) => {
          variable.assign(means[names[i]!]!);
        });
        const scalars = Object.keys(metrics).map((name) => [name, means[name]!]);
        return {
          gradients: ofGradients(gradients),
          metrics: { ...Object.fromEntries(scalars), stopping } as Metrics,
        };
      },
    };
  },
});

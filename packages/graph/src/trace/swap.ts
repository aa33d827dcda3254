import type { NodeBackend } from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { attempt } from './attempt.ts';
import { withoutValueChecks } from './check-kernels.ts';
import type { GraphBinding } from './graph-binding.ts';
import { withRandomGuard } from './random-guard.ts';
import type { TraceStorage } from './trace-storage.ts';

/** Runs `action` while tfjs's kernels add nodes to the graph. */
export function withSwapped<T>(
  backend: NodeBackend,
  graph: GraphBinding,
  storage: TraceStorage,
  action: () => T,
): T {
  return backend.withParts(
    {
      binding: graph.binding,
      tensorMap: storage,
      // `data()` would reject a promise that nobody may be waiting for; the graph binding remembers the error.
      read: async (dataId) =>
        attempt(() => backend.readSync(dataId)).value ?? new Promise<never>(() => {}),
    },
    () => withRandomGuard(() => withoutValueChecks(graph, () => withoutDebugMode(action))),
  );
}

/** tfjs's debug mode reads the output of every kernel. */
function withoutDebugMode<T>(action: () => T): T {
  const flags = ['DEBUG', 'CHECK_COMPUTATION_FOR_ERRORS'];
  const on = flags.filter((flag) => tf.env().getBool(flag));
  for (const flag of on) tf.env().set(flag, false);
  try {
    return action();
  } finally {
    for (const flag of on) tf.env().set(flag, true);
  }
}

import type { Binding } from '../../src/backend/binding.ts';

/** The names of the ops that run meanwhile. */
export function recordOps(binding: Binding, run: () => void): string[] {
  const { executeOp } = binding;
  const ops: string[] = [];
  binding.executeOp = (name, ...rest) => {
    ops.push(name);
    return executeOp.call(binding, name, ...rest);
  };
  try {
    run();
  } finally {
    binding.executeOp = executeOp;
  }
  return ops;
}

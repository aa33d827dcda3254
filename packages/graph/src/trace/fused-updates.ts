import {
  bindingConstants,
  DataType,
  type GraphBuilder,
  type GraphOutput,
  type NodeBackend,
  type Pointer,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import * as tf from '@tensorflow/tfjs-core';
import { Skip } from './skip.ts';
import type { Symbols } from './symbols.ts';
import type { Update } from './traced-variables.ts';

/** The kernel by which a trick declares an update that can be made in place. */
const kernelName = 'NesterovMomentum';

/** The trace's ids of a call's inputs and outputs. */
type Declared = Record<'weight' | 'velocity' | 'gradient' | 'learningRate' | 'momentum', number> & {
  readonly nextWeight: number;
  readonly nextVelocity: number;
};

/** An update of a weight and its velocity that one op of TensorFlow makes in place. */
interface FusedUpdate {
  readonly declared: Declared;
  readonly weight: Update;
  readonly velocity: Update;
  /** The scalar on which the update depends, where it is chosen between the new values and the old. */
  readonly condition: number | undefined;
}

/**
 * The updates that `fn` declares by calling the kernel `NesterovMomentum`, which exists while a trace runs:
 *
 * ```
 * velocity' = momentum * velocity + gradient,   weight' = weight - learningRate * (gradient + momentum * velocity')
 * ```
 *
 * with inputs `weight`, `velocity`, `gradient`, and the scalars `learningRate` and `momentum`, all float32.
 */
export class FusedUpdates {
  readonly #backend: NodeBackend;
  readonly #symbols: Symbols;
  readonly #declared: Declared[] = [];

  constructor(backend: NodeBackend, symbols: Symbols) {
    this.#backend = backend;
    this.#symbols = symbols;
  }

  /** Runs `trace` while the kernel is registered. */
  during<T>(trace: () => T): T {
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs }) => this.#declare(inputs as Record<string, tf.Tensor>),
    });
    try {
      return trace();
    } finally {
      tf.unregisterKernel(kernelName, 'tensorflow');
    }
  }

  /** Those whose outputs are all that is assigned to the variables which they read. */
  find(updates: readonly Update[]): FusedUpdate[] {
    const byReadId = new Map(updates.map((update) => [update.readId, update]));
    return this.#declared.flatMap((declared) => {
      const weight = byReadId.get(declared.weight);
      const velocity = byReadId.get(declared.velocity);
      if (weight === undefined || velocity === undefined || weight === velocity) return [];
      const first = this.#conditionOf(weight, declared.nextWeight);
      const second = this.#conditionOf(velocity, declared.nextVelocity);
      if (first === undefined || first !== second) return [];
      const condition = first === 'always' ? undefined : first;
      return [{ declared, weight, velocity, condition }];
    });
  }

  /** Adds the ops that make the updates in place, each after the old values were read. */
  apply(builder: GraphBuilder, updates: readonly FusedUpdate[]): Pointer[] {
    const hasGpu = this.#backend.binding.isUsingGpuDevice();
    const branches = new Map<number, Pointer>();
    const skips = new Map<number, Skip>();
    return updates.map(({ declared, weight, velocity, condition }) => {
      const after = [weight.entry.value.oper, velocity.entry.value.oper];
      const { learningRate, gradient, momentum } = declared;
      let operands = [learningRate, gradient, momentum].map((id) => this.#symbols.resolve(id));
      if (condition !== undefined && hasGpu) {
        const skip = skips.get(condition) ?? new Skip(builder, this.#symbols.resolve(condition));
        skips.set(condition, skip);
        operands = skip.operands(operands as [GraphOutput, GraphOutput, GraphOutput]);
      } else if (condition !== undefined) {
        const branch = branches.get(condition) ?? this.#branch(builder, condition);
        branches.set(condition, branch);
        after.push(branch);
      }
      return builder.node('ResourceApplyMomentum', {
        name: `state/${weight.entry.variable.name}/update`,
        inputs: [weight.entry.handle, velocity.entry.handle, ...operands],
        attributes: [
          typeAttribute('T', DataType.FLOAT),
          { name: 'use_nesterov', type: bindingConstants.TF_ATTR_BOOL, value: true },
        ],
        after,
      });
    });
  }

  /** What the kernel computes where its outputs are used otherwise; TensorFlow prunes what nobody uses. */
  #declare(inputs: Record<string, tf.Tensor>): tf.Tensor[] {
    const { weight, velocity, gradient, learningRate, momentum } = inputs as Record<
      'weight' | 'velocity' | 'gradient' | 'learningRate' | 'momentum',
      tf.Tensor
    >;
    const [nextWeight, nextVelocity] = tf.tidy(() => {
      const v = tf.add(tf.mul(velocity, momentum), gradient);
      const step = tf.mul(tf.add(gradient, tf.mul(v, momentum)), learningRate);
      return [tf.sub(weight, step), v] as const;
    }) as unknown as [tf.Tensor, tf.Tensor];
    const named = { weight, velocity, gradient, learningRate, momentum, nextWeight, nextVelocity };
    const ids = this.#backend.getInputTensorIds(Object.values(named));
    if (ids.every((id) => this.#symbols.get(id).dtype === DataType.FLOAT)) {
      const entries = Object.keys(named).map((name, i) => [name, ids[i]]);
      this.#declared.push(Object.fromEntries(entries) as Declared);
    }
    return [nextWeight, nextVelocity];
  }

  /** On what it depends that `next` is assigned: a scalar's id, or 'always'; `undefined` if something else is assigned. */
  #conditionOf({ id, readId }: Update, next: number): number | 'always' | undefined {
    if (id === next) return 'always';
    const [condition, yes, no] = this.#symbols.operands(id, 'Select') ?? [];
    if (yes !== next || no !== readId) return undefined;
    return this.#symbols.get(condition!).shape.length === 0 ? condition : undefined;
  }

  /** An op that runs if the condition holds; what comes after it is skipped otherwise. */
  #branch(builder: GraphBuilder, condition: number): Pointer {
    const type = [typeAttribute('T', DataType.BOOL)];
    const value = this.#symbols.resolve(condition);
    const oper = builder.node('Switch', { inputs: [value, value], attributes: type });
    return builder.node('Identity', { inputs: [{ oper, index: 1 }], attributes: type });
  }
}

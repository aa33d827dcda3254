import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { compile } from '@bag-of-tricks/graph';
import { inferLogits, type Network } from '@bag-of-tricks/train-step';
import { fromBinary } from '@bufbuild/protobuf';
import * as tf from '@tensorflow/tfjs-core';
import { DataType, GraphDefSchema, type NodeDef } from '../proto/tensorflow.generated.ts';
import { withAnyBatch } from './any-batch.ts';
import { type Constant, constantNode, type Graph } from './nodes.ts';

/** TensorFlow's numbers of the types that variables have. */
const dataTypes = {
  float32: DataType.DT_FLOAT,
  int32: DataType.DT_INT32,
  bool: DataType.DT_BOOL,
} as const;

/** Two sizes tell what in a graph is the batch. */
const batches = [2, 3] as const;

/**
 * The network's inference as a graph of TensorFlow: `images`, 0..255 and of any batch, to `probabilities`, all variables as constants.
 *
 * @throws Error when the graph is another for another batch, or the network's classes are others than the description's.
 */
export async function traceNetwork(
  network: Network,
  { imageSize, channels, classNames, mean, std }: InferenceDescription,
): Promise<Graph> {
  const numClasses = classNames.length;
  const infer = ({ images }: { readonly images: tf.Tensor4D }) => ({
    probabilities: tf.softmax(inferLogits({ network, numClasses, pixels: { mean, std } }, images)),
  });
  const shape = [null, imageSize, imageSize, channels] as const;
  const compiled = await compile(infer, {
    inputs: { images: { shape } },
    maxConstantBytes: Number.POSITIVE_INFINITY,
  });
  try {
    for (const batch of batches) {
      await compiled.prepare({ images: [batch, imageSize, imageSize, channels] });
    }
    const values = await compiled.read();
    const { node } = fromBinary(GraphDefSchema, await compiled.graphDef());
    const read = Object.entries(values).map(([name, { dtype, ...rest }]): [string, Constant] => [
      name,
      { ...rest, dtype: dataTypes[dtype] },
    ]);
    return withAnyBatch(frozen(node, new Map(read), namesIn(network)), batches);
  } finally {
    await compiled.dispose();
  }
}

/** The network's own names of its variables, by the names that TensorFlow.js has them under. */
const namesIn = ({ parameters, buffers }: Network): ReadonlyMap<string, string> =>
  new Map(
    Object.entries({ ...parameters, ...buffers }).map(([name, variable]) => [variable.name, name]),
  );

/** Variables become constants, under the names that the network has for them. */
function frozen(
  nodes: readonly NodeDef[],
  values: ReadonlyMap<string, Constant>,
  names: ReadonlyMap<string, string>,
): NodeDef[] {
  const handles = new Map(
    nodes.flatMap(({ op, name, attr }) =>
      op === 'VarHandleOp' ? [[name, variableName(attr.shared_name)] as const] : [],
    ),
  );
  const taken = new Set<string>();
  const renamed = new Map<string, string>();
  const constants = nodes.flatMap(({ op, name, input: [handle] }) => {
    if (op !== 'ReadVariableOp') return [];
    const variable = handles.get(handle!)!;
    const constant = constantNode(
      unusedName(names.get(variable) ?? variable, taken),
      values.get(variable)!,
    );
    renamed.set(name, constant.name);
    return [constant];
  });
  const others = nodes.map((node) => ({
    ...node,
    input: node.input.map((name) => renamed.get(name) ?? name),
  }));
  return [...constants, ...others];
}

/** `graph` shares a variable as `state/`, its name and a number. */
function variableName(sharedName: NodeDef['attr'][string] | undefined): string {
  const bytes = sharedName?.value.case === 's' ? sharedName.value.value : new Uint8Array();
  return Buffer.from(bytes)
    .toString('utf8')
    .replace(/^state\/(.*)#\d+$/s, '$1');
}

/** A name that TensorFlow takes, below one that no op has. */
function unusedName(wanted: string, taken: Set<string>): string {
  const clean = wanted.replace(/[^A-Za-z0-9_.\-/]/g, '_');
  let name = `weights/${clean}`;
  for (let copy = 1; taken.has(name); copy++) name = `weights/${clean}_${copy}`;
  taken.add(name);
  return name;
}

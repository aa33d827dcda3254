import { type Affine, affineOf } from '../fold-batch-norm.ts';
import { DataType, type NodeDef } from '../proto/tensorflow.generated.ts';
import {
  type Constant,
  constantNode,
  constantOf,
  type Graph,
  mapNodes,
  node,
  sourceOf,
  usesOf,
} from './nodes.ts';

const convolutions = ['Conv2D', 'DepthwiseConv2dNative'];
const batchNorms = ['FusedBatchNorm', 'FusedBatchNormV2', 'FusedBatchNormV3'];
const sums = ['AddV2', 'Add', 'BiasAdd'];

/**
 * Puts batch norms into the convolutions before them, `y = scale * (conv(x) + bias) + offset`: the kernel takes the scale, and one
 * addition stays. A batch norm without a convolution of its own stays as it is.
 */
export function foldBatchNorms(graph: Graph): Graph {
  const { nodes } = graph;
  const uses = usesOf(graph);
  const at = (input: string | undefined) => nodes.get(sourceOf(input ?? ''));
  const kernels = new Map<string, NodeDef>();
  const folded = new Map<string, readonly NodeDef[]>();
  for (const norm of nodes.values()) {
    const affine = normOf(norm, (input) => constantOf(at(input)!));
    let before = at(norm.input[0]);
    if (!affine || !before) continue;
    const bias = sums.includes(before.op) ? vectorOf(at(before.input[1])) : undefined;
    const [sum] = bias ? [before] : [];
    if (sum) before = at(sum.input[0]);
    const kernel = before && constantOf(at(before.input[1]) ?? before);
    const isAlone = [before, sum].every((one) => !one || uses.get(one.name) === 1);
    if (!before || !kernel || !isAlone || !convolutions.includes(before.op)) continue;
    // A sum may have given the one output of a convolution more channels.
    if (outputsOf(kernel, before.op) !== affine.scale.length) continue;
    const scaled = { ...kernel, values: scaleOutputs(kernel, before.op, affine.scale) };
    const name = at(before.input[1])!.name;
    // Another convolution may have the same kernel.
    const own = uses.get(name) === 1 ? name : `${name}/${norm.name}`;
    kernels.set(before.name, constantNode(own, scaled));
    const values = Float32Array.from(
      affine.offset,
      (offset, c) => offset + (bias?.[c] ?? 0) * affine.scale[c]!,
    );
    const biasName = `${own}/folded_bias`;
    folded.set(norm.name, [
      constantNode(biasName, { dtype: DataType.DT_FLOAT, shape: [values.length], values }),
      biasAdd(norm.name, before.name, biasName),
    ]);
  }
  return mapNodes(graph, (one) => {
    const kernel = kernels.get(one.name);
    if (kernel) return [kernel, { ...one, input: [one.input[0]!, kernel.name] }];
    return folded.get(one.name);
  });
}

const biasAdd = (name: string, x: string, bias: string) =>
  node(name, 'BiasAdd', [x, bias], {
    T: { case: 'type', value: DataType.DT_FLOAT },
    data_format: { case: 's', value: Buffer.from('NHWC') },
  });

/** `scale * x + offset` of a batch norm with constants. */
function normOf(
  { op, input, attr }: NodeDef,
  constant: (input: string | undefined) => Constant | undefined,
): Affine | undefined {
  const training = attr.is_training?.value;
  if (!batchNorms.includes(op) || (training?.case === 'b' && training.value)) return undefined;
  const [gamma, beta, mean, variance] = input.slice(1).map((one) => constant(one)?.values);
  if (!gamma || !beta || !mean || !variance) return undefined;
  const epsilon = attr.epsilon?.value.case === 'f' ? attr.epsilon.value.value : 1e-4;
  return affineOf({ gamma, beta, mean, variance, epsilon });
}

/** The values of a constant of one dimension, the channels. */
function vectorOf(one: NodeDef | undefined): Constant['values'] | undefined {
  const constant = one && constantOf(one);
  return constant?.shape.length === 1 && constant.shape[0]! > 1 ? constant.values : undefined;
}

/** Outputs of a kernel [height, width, inputs, outputs]; of a depthwise one, each pair of the last two is an output. */
const outputsOf = ({ shape }: Constant, op: string): number =>
  op === 'Conv2D' ? shape[3]! : shape[2]! * shape[3]!;

function scaleOutputs(kernel: Constant, op: string, scale: ArrayLike<number>): Float32Array {
  const outputs = outputsOf(kernel, op);
  return (kernel.values as Float32Array).map((value, i) => value * scale[i % outputs]!);
}

/**
 * Puts the scale of `scale * images + offset` into the first convolution, whose zeros around the image stay zeros:
 * `conv(scale * x + offset, kernel) = conv(x + offset / scale, scale * kernel)`. The addition stays, for padded pixels get none.
 */
export function foldInputScale(graph: Graph): Graph {
  const { nodes } = graph;
  const uses = usesOf(graph);
  const next = (name: string) =>
    uses.get(name) === 1
      ? Array.from(nodes.values()).find(({ input }) => sourceOf(input[0] ?? '') === name)
      : undefined;
  const scaling = next('images');
  const shift = scaling && next(scaling.name);
  const after = shift && next(shift.name);
  const isPadded =
    after?.op === 'PadV2' && constantOf(nodes.get(after.input[2]!)!)?.values[0] === 0;
  const convolution = isPadded || after?.op === 'Pad' ? next(after!.name) : after;
  if (scaling?.op !== 'Mul' || !sums.includes(shift?.op ?? '')) return graph;
  // Another convolution may have the same kernel.
  const isAlone = uses.get(convolution?.input[1] ?? '') === 1;
  if (!shift || convolution?.op !== 'Conv2D' || !isAlone) return graph;
  const [scale, offset, kernel] = [scaling, shift, convolution].map(({ input }) =>
    constantOf(nodes.get(input[1]!)!),
  );
  const [, , channels = 0, outputs = 1] = kernel?.shape ?? [];
  if (!kernel || scale?.values.length !== channels || offset?.values.length !== channels) {
    return graph;
  }
  const [kernelName, shiftName] = [convolution.input[1]!, `${shift.name}/unscaled`];
  const scaled = (kernel.values as Float32Array).map(
    (value, i) => value * scale.values[Math.floor(i / outputs) % channels]!,
  );
  const unscaled = Float32Array.from(offset.values, (value, c) => value / scale.values[c]!);
  return mapNodes(graph, ({ name }) => {
    if (name === kernelName) return [constantNode(name, { ...kernel, values: scaled })];
    if (name !== shift.name) return undefined;
    return [
      constantNode(shiftName, { ...offset, values: unscaled }),
      { ...shift, input: ['images', shiftName] },
    ];
  });
}

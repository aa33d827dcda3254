import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { create, toJson } from '@bufbuild/protobuf';
import { createdBy } from '../classifier-json.ts';
import { versions } from '../graph/fold-constants.ts';
import { constantOf, type Graph, node, shapeProto, sourceOf } from '../graph/nodes.ts';
import { signatureOf } from '../graph/signature.ts';
import {
  GraphDefSchema,
  type NodeDef,
  SignatureDefSchema,
  TensorProtoSchema,
} from '../proto/tensorflow.generated.ts';
import { type Quantization, type StoredWeight, storeWeight } from './weights.ts';

/** Bytes of a shard: a size that browsers cache. */
const shardBytes = 4 * 2 ** 20;

/** The files of TensorFlow.js's graph model by name, `model.json` first. */
export function graphModelFiles(
  graph: Graph,
  description: InferenceDescription,
  quantize: Quantization | null,
): Record<string, string | Uint8Array> {
  const depthwise = new Set(
    Array.from(graph.nodes.values()).flatMap(({ op, input }) =>
      op.includes('Depthwise') ? [input[1]!] : [],
    ),
  );
  const weights = Array.from(graph.nodes.values()).flatMap((node) => {
    const constant = constantOf(node);
    if (!constant) return [];
    return [storeWeight(node.name, constant, quantize, depthwise.has(node.name))];
  });
  const shards = shardsOf(weights);
  const names = shards.map((_, i) => `group1-shard${i + 1}of${shards.length}.bin`);
  const nodes = Array.from(graph.nodes.values(), withoutValues);
  const model = {
    format: 'graph-model',
    generatedBy: createdBy,
    convertedBy: createdBy,
    signature: toJson(SignatureDefSchema, signatureOf(description)),
    userDefinedMetadata: { features: featuresOf(graph) },
    modelTopology: toJson(GraphDefSchema, create(GraphDefSchema, { node: nodes, versions })),
    weightsManifest: [{ paths: names, weights: weights.map(({ entry }) => entry) }],
  };
  return {
    'model.json': JSON.stringify(model),
    ...Object.fromEntries(shards.map((bytes, i) => [names[i]!, bytes])),
  };
}

const products = ['MatMul', 'BatchMatMulV2'];

/** The node whose output the classifier's matrix product multiplies; undefined for a network that ends in something else. */
function featuresOf({ nodes, outputs }: Graph): string | undefined {
  const isConstant = (input: string) => nodes.get(sourceOf(input))!.op === 'Const';
  let name = outputs[0]!;
  for (;;) {
    const { op, input } = nodes.get(sourceOf(name))!;
    const [source, ...others] = input.filter((one) => !isConstant(one));
    if (source === undefined || others.length > 0) return undefined;
    if (products.includes(op)) return source;
    name = source;
  }
}

/** A constant keeps its type and its shape; its values are in the shards. */
function withoutValues(one: NodeDef): NodeDef {
  const constant = constantOf(one);
  if (!constant) return one;
  const { dtype, shape } = constant;
  const value = create(TensorProtoSchema, { dtype, tensorShape: shapeProto(shape) });
  return node(one.name, 'Const', [], {
    dtype: { case: 'type', value: dtype },
    value: { case: 'tensor', value },
  });
}

function shardsOf(weights: readonly StoredWeight[]): Uint8Array[] {
  const whole = Buffer.concat(weights.map(({ bytes }) => bytes));
  const count = Math.max(1, Math.ceil(whole.byteLength / shardBytes));
  return Array.from({ length: count }, (_, i) =>
    Uint8Array.prototype.subarray.call(whole, i * shardBytes, (i + 1) * shardBytes),
  );
}

import type { InferenceDescription } from '@bag-of-tricks/classifier';
import type { Layers, StateDict } from '@bag-of-tricks/network-layers';
import { create, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../proto/onnx.generated.ts';
import { GraphBuilder, type Value } from './graph-builder.ts';
import { onnxLayers } from './onnx-layers.ts';
import { weightReader } from './weight-reader.ts';

/** A network whose forward pass can be written in other layers, as those of `buildClassifier` can. */
interface ForwardNetwork {
  readonly name: string;
  forward<T>(images: T, layers: Layers<T>): T;
  toStateDict(): Promise<StateDict>;
}

/** The operator set, and the version of the file format that came with it. */
const OPSET = 17n;
const IR_VERSION = 8n;

/**
 * A network as an ONNX model: `images` [N, channels, imageSize, imageSize] in float32, 0..255, resized and cropped, of any batch, to
 * `probabilities` [N, classes]. Emitted by the network's own forward pass, in which each layer is nodes of operator set 17.
 *
 * @param metadata What `metadata_props` says of the model; null is left out, and what is no text is written as JSON.
 * @throws Error when the network has no `forward`, its weights are not finite, or its classes are not those of the description.
 * @throws RangeError when it is larger than a file of ONNX may be.
 */
export async function onnxModel(
  network: { readonly name: string },
  description: InferenceDescription,
  metadata: Readonly<Record<string, unknown>>,
  onProgress: (message: string) => void = () => {},
): Promise<Uint8Array> {
  expectForward(network);
  const graph = new GraphBuilder();
  onProgress('reading the weights');
  const weights = weightReader(network.name, await network.toStateDict(), onProgress);
  onProgress('making the layers');
  const { imageSize, channels, classNames } = description;
  const images: Value = { name: 'images', shape: [channels, imageSize, imageSize] };
  const logits = network.forward(
    normalized(images, description, graph),
    onnxLayers(graph, weights),
  );
  weights.finish();
  if (`${logits.shape}` !== `${classNames.length}`) {
    throw new Error(
      `exportModel: expected a network of ${classNames.length} classes, got logits of shape [N,${logits.shape}] of ${network.name}. Give one name a class`,
    );
  }
  const { shape } = logits;
  const probabilities = graph.node('Softmax', [logits], {
    ...{ name: 'probabilities', shape, attributes: { axis: 1 } },
  });
  onProgress('storing the weights');
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      ...{ irVersion: IR_VERSION, opsetImport: [{ domain: '', version: OPSET }] },
      ...{ producerName: 'bag-of-tricks', graph: graph.build(network.name, images, probabilities) },
      metadataProps: Object.entries(metadata)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => ({
          ...{ key, value: typeof value === 'string' ? value : JSON.stringify(value) },
        })),
    }),
  );
}

/** (pixel - mean) / std, as the trainer computes it. */
function normalized(
  images: Value,
  { mean, std }: InferenceDescription,
  graph: GraphBuilder,
): Value {
  const { shape } = images;
  const perChannel = [shape[0]!, 1, 1];
  const scale = std.map((s) => 1 / s);
  const offset = mean.map((m, c) => -m / std[c]!);
  const inputs = [images, graph.floats('pixels.scale', perChannel, Float32Array.from(scale))];
  const scaled = graph.node('Mul', inputs, { shape });
  const shift = graph.floats('pixels.offset', perChannel, Float32Array.from(offset));
  return graph.node('Add', [scaled, shift], { shape });
}

function expectForward(
  network: object & { readonly name: string },
): asserts network is ForwardNetwork {
  const { forward, toStateDict } = network as Partial<ForwardNetwork>;
  if (forward && toStateDict) return;
  throw new TypeError(
    `exportModel: expected a network whose forward pass can be written as ONNX, as those of resnet-variants, mobilenet-variants and buildClassifier can, got ${network.name}, which has only apply. Export it to graph-model, saved-model or safetensors`,
  );
}

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceDescription } from '../src/model/description.ts';

export const description: InferenceDescription = {
  ...{ model: 'small', classNames: ['cat', 'dog', 'fox', 'owl'], imageSize: 16, channels: 3 },
  ...{ evalResize: 18, interpolation: 'bicubic', antialias: true, exifOrientation: false },
  mean: [123.68, 116.779, 103.939],
  std: [58.393, 57.12, 57.375],
};

interface NodeDef {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

export interface SmallExport {
  readonly folder: string;
  /** What `classifier.json` and `model.json` hold; a test changes and writes them. */
  readonly classifier: Record<string, unknown>;
  readonly model: {
    readonly userDefinedMetadata: { features?: string | undefined };
    readonly modelTopology: { readonly node: NodeDef[]; readonly versions: object };
    readonly weightsManifest: { paths: string[]; weights: { shape: number[] }[] }[];
    readonly signature: Record<'inputs' | 'outputs', Record<string, unknown>>;
  };
  readonly weights: Buffer;
  write(): void;
}

const float = { T: { type: 'DT_FLOAT' } };
const list = (...values: number[]) => ({ list: { i: values.map(String) } });
const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
const dims = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) });

/** A graph-model that normalises, averages tiles of 4x4 and has one dense layer; its weights are spread over two shards. */
export function smallExport(about: Partial<InferenceDescription> = {}): SmallExport {
  const described = { ...description, ...about };
  const { imageSize, channels, classNames, mean, std } = described;
  const features = (imageSize / 4) ** 2 * channels;
  const classes = classNames.length;
  const wave = (count: number, step: number) =>
    Array.from({ length: count }, (_, i) => Math.sin(step * (i + 1)));
  const weights = [
    { name: 'mean', shape: [channels], values: mean },
    { name: 'scale', shape: [channels], values: std.map((one) => 1 / one) },
    { name: 'kernel', shape: [features, classes], values: wave(features * classes, 1.3) },
    { name: 'bias', shape: [classes], values: wave(classes, 0.7) },
  ];
  const constants = weights.map(
    ({ name, shape }): NodeDef => ({
      ...{ name, op: 'Const' },
      attr: {
        dtype: { type: 'DT_FLOAT' },
        value: { tensor: { dtype: 'DT_FLOAT', tensorShape: dims(shape) } },
      },
    }),
  );
  const shape = [-1, imageSize, imageSize, channels];
  const node: NodeDef[] = [
    {
      ...{ name: 'images', op: 'Placeholder' },
      attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: dims(shape) } },
    },
    ...constants,
    {
      ...{ name: 'flat', op: 'Const' },
      attr: {
        dtype: { type: 'DT_INT32' },
        value: { tensor: { dtype: 'DT_INT32', tensorShape: dims([2]) } },
      },
    },
    { name: 'centered', op: 'Sub', input: ['images', 'mean'], attr: float },
    { name: 'normal', op: 'Mul', input: ['centered', 'scale'], attr: float },
    {
      ...{ name: 'pool', op: 'AvgPool', input: ['normal'] },
      attr: {
        ...{ ...float, ksize: list(1, 4, 4, 1), strides: list(1, 4, 4, 1) },
        ...{ padding: text('VALID'), data_format: text('NHWC') },
      },
    },
    { name: 'features', op: 'Reshape', input: ['pool', 'flat'], attr: float },
    { name: 'product', op: 'MatMul', input: ['features', 'kernel'], attr: float },
    { name: 'logits', op: 'BiasAdd', input: ['product', 'bias'], attr: float },
    { name: 'probabilities', op: 'Softmax', input: ['logits'], attr: float },
  ];
  const bytes = Buffer.concat([
    ...weights.map(({ values }) => Buffer.from(Float32Array.from(values).buffer)),
    Buffer.from(Int32Array.of(-1, features).buffer),
  ]);
  const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
  const port = (name: string, size: readonly number[]) => ({
    [name]: { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: dims(size) },
  });
  const folder = mkdtempSync(join(tmpdir(), 'small export-'));
  const made: SmallExport = {
    folder,
    classifier: {
      ...{ format: 'bag-of-tricks-classifier', version: 1, model: 'model.json' },
      ...{ description: described, license: 'apache-2.0', provenance: { run: 'small' } },
    },
    model: {
      ...{ format: 'graph-model', generatedBy: 'small-export.ts' },
      userDefinedMetadata: { features: 'features' },
      modelTopology: { node, versions: { producer: 1, minConsumer: 1 } },
      weightsManifest: [
        {
          paths: [...paths],
          weights: [
            ...weights.map(({ name, shape: size }) => ({ name, shape: size, dtype: 'float32' })),
            { name: 'flat', shape: [2], dtype: 'int32' },
          ],
        },
      ],
      signature: {
        inputs: port('images', shape),
        outputs: port('probabilities', [-1, classes]),
      },
    },
    weights: bytes,
    write() {
      mkdirSync(folder, { recursive: true });
      const half = Math.floor(bytes.length / 8) * 4;
      const shards = [bytes.subarray(0, half), bytes.subarray(half)];
      const files: [string, string | Buffer][] = [
        ['model.json', JSON.stringify(made.model)],
        ...shards.map((shard, i): [string, Buffer] => [paths[i]!, shard]),
      ];
      const sha256 = Object.fromEntries(
        files.map(([name, body]) => [name, createHash('sha256').update(body).digest('hex')]),
      );
      const classifier = JSON.stringify({ sha256, ...made.classifier });
      for (const [name, body] of [...files, ['classifier.json', classifier] as const]) {
        writeFileSync(join(folder, name), body);
      }
    },
  };
  made.write();
  return made;
}

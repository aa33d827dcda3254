// The drawing of packages in ARCHITECTURE.md as data: which package may import what. Tricks never import
// each other. A new package or a new arrow is a decision, made here.

const core = '@tensorflow/tfjs-core';
const scoped = (...names: string[]) => names.map((name) => `@bag-of-tricks/${name}`);

/** Packages whose only runtime dependencies may be those of `shared`: usable in any loop, on any backend, in the browser too, but for the `autocast` of amp. */
export const tricks: readonly string[] = [
  'lr-schedules',
  'label-smoothing',
  'mixup',
  'cutmix',
  'distill',
  'nesterov-sgd',
  'resnet-variants',
  'mobilenet-variants',
  'amp',
  'adamw',
  'ema',
  'gradient-clipping',
  'gradient-accumulation',
  'progressive-resizing',
];

export interface Rule {
  /** Packages that its sources may import. */
  readonly imports: readonly string[];
  /** Whether its sources may import Node's own modules. */
  readonly node: boolean;
  /** Where it differs: the sources whose path starts so may import these instead. */
  readonly except?: Readonly<Record<string, readonly string[]>>;
}

/** What tricks may depend on; all else is a peer. */
export const shared: readonly string[] = scoped('random', 'optimizer', 'mixing', 'network-layers');

const trick: Rule = { imports: [core, ...shared], node: false };

export const rules: Readonly<Record<string, Rule>> = {
  // Pure numbers; only the glue for tfjs's own optimisers needs tfjs.
  'lr-schedules': { imports: [], node: false, except: { 'src/tfjs': [core] } },
  'label-smoothing': trick,
  mixup: trick,
  cutmix: trick,
  distill: trick,
  'nesterov-sgd': trick,
  'resnet-variants': trick,
  'mobilenet-variants': trick,
  adamw: trick,
  ema: trick,
  'gradient-clipping': trick,
  'gradient-accumulation': trick,
  'progressive-resizing': { imports: [], node: false },
  amp: { imports: [core, ...scoped('libtensorflow')], node: false },
  random: { imports: [], node: false },
  'image-resize': { imports: [], node: false },
  optimizer: { imports: [core], node: false },
  'network-layers': { imports: [core, ...scoped('random')], node: false },
  mixing: { imports: [core, ...scoped('random')], node: false },
  'train-step': {
    imports: [core, ...scoped('label-smoothing', 'optimizer', 'random'), 'zod'],
    node: false,
  },
  'durable-files': { imports: [], node: true },
  safetensors: { imports: scoped('durable-files'), node: true },
  'run-folder': { imports: [...scoped('durable-files', 'safetensors'), 'zod'], node: true },
  pretrained: {
    imports: [...scoped('durable-files', 'run-folder', 'safetensors'), '@huggingface/hub'],
    node: true,
  },
  // Sharp, image-data and graph only where a user has installed them, in Node.
  classifier: {
    imports: [
      ...[core, '@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-converter', 'sharp'],
      ...scoped('image-resize', 'image-data', 'graph'),
    ],
    node: false,
  },
  'run-report': { imports: [...scoped('durable-files'), 'uplot'], node: true },
  libtensorflow: { imports: [core, ...scoped('durable-files'), 'koffi'], node: true },
  graph: { imports: [core, ...scoped('libtensorflow', 'random')], node: true },
  'data-parallel': { imports: [core, ...scoped('graph', 'libtensorflow')], node: true },
  'model-export': {
    imports: [
      ...[core, '@tensorflow/tfjs-converter', '@bufbuild/protobuf', 'onnxruntime-node'],
      ...scoped('classifier', 'durable-files', 'graph', 'libtensorflow', 'network-layers'),
      ...scoped('random', 'safetensors', 'train-step'),
    ],
    node: true,
  },
  'image-data': {
    imports: [
      core,
      ...scoped('random', 'durable-files', 'image-resize', 'libtensorflow'),
      'sharp',
      'tinyglobby',
      'hyparquet',
      'hyparquet-compressors',
      'fashion-mnist',
      'zod',
    ],
    node: true,
  },
  trainer: {
    imports: [
      core,
      ...scoped(...tricks, 'random', 'optimizer', 'train-step', 'durable-files', 'safetensors'),
      ...scoped('libtensorflow', 'graph', 'image-data', 'run-folder', 'run-report', 'pretrained'),
      ...scoped('classifier', 'data-parallel', 'model-export', 'network-layers'),
      // The classifier's peer.
      '@tensorflow/tfjs-converter',
      ...['commander', 'import-meta-resolve', 'picocolors', 'yaml', 'zod'],
      // Optional, for --backend: loaded where one is asked for.
      ...['@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm'],
    ],
    node: true,
  },
};

/** The files with deep imports of tfjs, and why is written in them. */
export const deepImportFiles: readonly string[] = [
  'packages/libtensorflow/scripts/vendor/kernels.cjs',
  'packages/model-export/src/graph-model/ops.ts',
];

/** What `bag-of-tricks export` is told for each form of a network. */
export const formats = {
  'graph-model float32': ['--to', 'graph-model'],
  'graph-model float16': ['--to', 'graph-model', '--quantize', 'float16'],
  'graph-model uint8': ['--to', 'graph-model', '--quantize', 'uint8'],
  'saved-model frozen': ['--to', 'saved-model'],
  'saved-model variables': ['--to', 'saved-model', '--variables'],
  onnx: ['--to', 'onnx'],
  safetensors: ['--to', 'safetensors'],
} as const;
export type Format = keyof typeof formats;

interface RuntimeAbout {
  readonly title: string;
  /** Begins the names of the formats that it runs. */
  readonly runs: 'graph-model' | 'saved-model' | 'onnx' | 'safetensors';
  /** What it is given: files, which it decodes, resizes and crops, or the pixels of the evaluation. */
  readonly from: 'JPEG' | 'pixels';
  /** Most pictures that it gets: it is slow. Default: all. */
  readonly pictures?: number;
  /** The greatest difference of a probability without quantization. Default: 1e-3. */
  readonly limit?: number;
}

/** Where an export runs; those of Python begin with `python`. */
export const runtimes = {
  'node-tensorflow': {
    ...{ title: 'our classifier in Node, libtensorflow', runs: 'graph-model', from: 'JPEG' },
  },
  'node-cpu': {
    ...{ title: 'our classifier in Node, tfjs cpu', runs: 'graph-model', from: 'JPEG' },
    pictures: 20,
  },
  'node-wasm': { title: 'our classifier in Node, tfjs wasm', runs: 'graph-model', from: 'JPEG' },
  'chromium-wasm': {
    ...{ title: 'our classifier in Chromium, wasm', runs: 'graph-model', from: 'JPEG' },
  },
  // Without a graphics card the processor imitates one.
  'chromium-webgl': {
    ...{ title: 'our classifier in Chromium, webgl', runs: 'graph-model', from: 'JPEG' },
    pictures: 10,
  },
  'chromium-webgpu': {
    ...{ title: 'our classifier in Chromium, webgpu', runs: 'graph-model', from: 'JPEG' },
    pictures: 10,
  },
  'node-saved-model': {
    ...{ title: "TensorFlow's C API in Node", runs: 'saved-model', from: 'pixels', limit: 1e-5 },
  },
  'python-tensorflow': {
    ...{ title: 'TensorFlow in Python', runs: 'saved-model', from: 'pixels', limit: 1e-5 },
  },
  // It rounds once, where Pillow rounds between the two directions.
  'python-tensorflow-jpeg': {
    ...{ title: 'TensorFlow in Python, `serving_jpeg`', runs: 'saved-model', from: 'JPEG' },
    limit: 0.1,
  },
  'node-onnxruntime': { title: 'onnxruntime-node', runs: 'onnx', from: 'pixels', limit: 1e-4 },
  'python-onnxruntime': {
    ...{ title: 'onnxruntime in Python', runs: 'onnx', from: 'pixels', limit: 1e-4 },
  },
  'python-timm': { title: 'timm on PyTorch', runs: 'safetensors', from: 'pixels', limit: 1e-4 },
} as const satisfies Readonly<Record<string, RuntimeAbout>>;
export type Runtime = keyof typeof runtimes;

export const aboutRuntime = (runtime: Runtime): RuntimeAbout => runtimes[runtime];

/** A row of the table, before it is measured. */
export interface Place {
  readonly network: string;
  readonly format: Format;
  readonly runtime: Runtime;
}

/** The rows of a network: TensorFlow.js's backend in plain JavaScript takes minutes a picture for any but a small one. */
export const placesOf = (network: string, isSmall: boolean): Place[] =>
  (Object.keys(formats) as Format[]).flatMap((format) =>
    (Object.keys(runtimes) as Runtime[])
      .filter((one) => format.startsWith(runtimes[one].runs) && (isSmall || one !== 'node-cpu'))
      .map((runtime) => ({ network, format, runtime })),
  );

/** What a program that runs an export is told, as a file of JSON. */
export interface Task {
  readonly runtime: Runtime;
  /** Of the export. */
  readonly folder: string;
  /** Of the pictures, whose names are relative to it. */
  readonly root: string;
  readonly pictures: readonly string[];
  /** A safetensors file with `pixels`, uint8 [count, size, size, channels], of the same pictures. */
  readonly pixels: string;
  /** The safetensors file that gets `probabilities` [count, classes]. */
  readonly out: string;
  readonly batchSize: number;
}

/** The last line that the program writes. */
export type Outcome =
  | { readonly version: string; readonly imagesPerSecond: number }
  /** Why what it needs is not there. */
  | { readonly notRun: string };

import type { InferenceDescription } from '@bag-of-tricks/classifier';
import { create } from '@bufbuild/protobuf';
import { attributes, constantNode, type Graph, graphOf, node } from '../graph/nodes.ts';
import { tensorInfo } from '../graph/signature.ts';
import {
  type AttrValue,
  DataType,
  type FunctionDefLibrary,
  FunctionDefLibrarySchema,
  type NodeDef,
  type SignatureDef,
  SignatureDefSchema,
} from '../proto/tensorflow.generated.ts';

const { DT_FLOAT, DT_INT32, DT_STRING } = DataType;

/** TensorFlow's names of the filters. */
const kernels = { bilinear: 'triangle', bicubic: 'keyscubic', lanczos: 'lanczos3' } as const;

const { type, types, text, flag, int, shape, shapes, func } = attributes;

/** What an op calls its output, by which nodes of a function name it. */
const outputArgs: Readonly<Record<string, string>> = {
  ...{ DecodeJpeg: 'image', ScaleAndTranslate: 'resized_images', Cast: 'y', Round: 'y' },
  ...{ Ceil: 'y', Neg: 'y', Mul: 'z', FloorDiv: 'z', RealDiv: 'z', Sub: 'z', AddV2: 'z' },
  ...{ Maximum: 'z', Minimum: 'z' },
};

/** Nodes below one name, each of which is known by the rest of its own. */
class Builder {
  readonly nodes: NodeDef[] = [];

  add(
    name: string,
    op: string,
    input: readonly string[],
    attr: Record<string, AttrValue['value']> = {},
  ): string {
    const full = `jpeg/${name}`;
    this.nodes.push(node(full, op, input, attr));
    return full;
  }

  ints(name: string, sizes: readonly number[], values: readonly number[]): string {
    const constant = { dtype: DT_INT32, shape: sizes, values: Int32Array.from(values) };
    this.nodes.push(constantNode(`jpeg/${name}`, constant));
    return `jpeg/${name}`;
  }

  floats(name: string, sizes: readonly number[], values: readonly number[]): string {
    const constant = { dtype: DT_FLOAT, shape: sizes, values: Float32Array.from(values) };
    this.nodes.push(constantNode(`jpeg/${name}`, constant));
    return `jpeg/${name}`;
  }

  /** An op of two numbers. */
  pair(name: string, op: string, a: string, b: string, dtype: DataType = DT_FLOAT): string {
    return this.add(name, op, [a, b], { T: type(dtype) });
  }

  /** The nodes as those of a function. */
  body(): NodeDef[] {
    const ops = new Map(this.nodes.map(({ name, op }) => [name, op]));
    const outputOf = (name: string) =>
      ops.has(name) ? `${name}:${outputArgs[ops.get(name)!] ?? 'output'}:0` : name;
    return this.nodes.map((one) => ({ ...one, input: one.input.map(outputOf) }));
  }

  cast(name: string, x: string, from: DataType, to: DataType): string {
    return this.add(name, 'Cast', [x], { SrcT: type(from), DstT: type(to) });
  }
}

/** A graph whose `images` may be left out for `jpeg_bytes`, the signature of that, and the function of one file that it calls for each. */
export function withJpegInput(
  { nodes, outputs }: Graph,
  description: InferenceDescription,
): {
  readonly graph: Graph;
  readonly signature: SignatureDef;
  readonly library: FunctionDefLibrary;
} {
  const { imageSize, channels, classNames } = description;
  const size = [imageSize, imageSize, channels];
  const files = node('jpeg_bytes', 'Placeholder', [], {
    ...{ dtype: type(DT_STRING), shape: shape([-1]) },
  });
  // Side by side, on as many threads as there are.
  const decoded = node('jpeg/images', 'MapDefun', [files.name], {
    ...{ f: func(functionName), Targuments: types([DT_STRING]), Tcaptured: types([]) },
    ...{ output_types: types([DT_FLOAT]), output_shapes: shapes(size) },
  });
  const images = node('images', 'PlaceholderWithDefault', [decoded.name], {
    ...{ dtype: type(DT_FLOAT), shape: shape([-1, ...size]) },
  });
  const signature = create(SignatureDefSchema, {
    inputs: { jpeg_bytes: tensorInfo('jpeg_bytes', DT_STRING, [-1]) },
    outputs: { probabilities: tensorInfo('probabilities', DT_FLOAT, [-1, classNames.length]) },
    methodName: 'tensorflow/serving/predict',
  });
  const builder = new Builder();
  const pixels = decode(builder, description);
  const library = create(FunctionDefLibrarySchema, {
    function: [
      {
        signature: {
          name: functionName,
          inputArg: [{ name: 'jpeg_bytes', type: DT_STRING }],
          outputArg: [{ name: 'pixels', type: DT_FLOAT }],
        },
        nodeDef: builder.body(),
        ret: { pixels: `${pixels}:output:0` },
      },
    ],
  });
  const graph = graphOf([...nodes.values(), files, decoded, images], outputs);
  return { graph, signature, library };
}

const functionName = 'decode_jpeg';

/**
 * Decodes one file, resizes its shorter side and crops the centre, as the evaluation does: the longer side is rounded down, the crop
 * starts at half the difference, rounded to even, and a smaller picture is padded with black. Its EXIF tag turns nothing.
 */
function decode(
  builder: Builder,
  { imageSize, channels, evalResize, interpolation, antialias }: InferenceDescription,
): string {
  const pixels = builder.add('pixels', 'DecodeJpeg', ['jpeg_bytes'], {
    ...{ channels: int(channels), dct_method: text('INTEGER_ACCURATE') },
  });
  const zero = builder.ints('zero', [1], [0]);
  const sides = builder.add(
    'sides',
    'Slice',
    [
      builder.add('shape', 'Shape', [pixels], {
        T: type(DataType.DT_UINT8),
        out_type: type(DT_INT32),
      }),
      zero,
      builder.ints('two', [1], [2]),
    ],
    { T: type(DT_INT32), Index: type(DT_INT32) },
  );
  const shorter = builder.add('shorter', 'Min', [sides, zero], {
    ...{ T: type(DT_INT32), Tidx: type(DT_INT32), keep_dims: flag(true) },
  });
  const wanted = builder.ints('wanted', [], [evalResize]);
  const product = builder.pair('product', 'Mul', sides, wanted, DT_INT32);
  const resized = builder.cast(
    'resized',
    builder.pair('quotient', 'FloorDiv', product, shorter, DT_INT32),
    ...([DT_INT32, DT_FLOAT] as const),
  );
  const scale = builder.pair(
    'scale',
    'RealDiv',
    resized,
    builder.cast('from', sides, DT_INT32, DT_FLOAT),
  );
  const batch = builder.add('batch', 'ExpandDims', [pixels, builder.ints('axis', [], [0])], {
    ...{ T: type(DataType.DT_UINT8), Tdim: type(DT_INT32) },
  });
  const size = builder.ints('size', [2], [imageSize, imageSize]);
  const crop = builder.add(
    'crop',
    'ScaleAndTranslate',
    [batch, size, scale, translation(builder, resized, imageSize)],
    {
      ...{ T: type(DataType.DT_UINT8), kernel_type: text(kernels[interpolation]) },
      antialias: flag(antialias),
    },
  );
  const bounds = [builder.floats('black', [], [0]), builder.floats('white', [], [255])];
  const clipped = builder.add('clipped', 'ClipByValue', [crop, ...bounds], { T: type(DT_FLOAT) });
  const rounded = builder.add('rounded', 'Round', [clipped], { T: type(DT_FLOAT) });
  return builder.add(
    'alone',
    'Reshape',
    [rounded, builder.ints('one', [3], [imageSize, imageSize, channels])],
    {
      ...{ T: type(DT_FLOAT), Tshape: type(DT_INT32) },
    },
  );
}

/** Minus where the crop starts: half the difference, rounded to even, or towards zero where the picture is smaller. */
function translation(builder: Builder, resized: string, imageSize: number): string {
  const float = { T: type(DT_FLOAT) };
  const size = builder.floats('crop_size', [], [imageSize]);
  const half = builder.pair(
    'half',
    'Mul',
    builder.pair('difference', 'Sub', resized, size),
    builder.floats('one_half', [], [0.5]),
  );
  const none = builder.floats('none', [], [0]);
  const inside = builder.add(
    'inside',
    'Round',
    [builder.pair('above', 'Maximum', half, none)],
    float,
  );
  const outside = builder.add(
    'outside',
    'Ceil',
    [builder.pair('below', 'Minimum', half, none)],
    float,
  );
  return builder.add(
    'translation',
    'Neg',
    [builder.pair('start', 'AddV2', inside, outside)],
    float,
  );
}

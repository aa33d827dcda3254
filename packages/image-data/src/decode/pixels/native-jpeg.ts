import {
  bindingConstants,
  createTensor,
  DataType,
  deleteTensor,
  GraphBuilder,
  type GraphOutput,
  Session,
  shapeAttribute,
  type TensorFlowApi,
  typeAttribute,
} from '@bag-of-tricks/libtensorflow/native';
import type { Window } from '../placement.ts';

/** By how much a JPEG can be shrunk while it is decoded. */
export type JpegRatio = 1 | 2 | 4 | 8;

export interface JpegRequest {
  readonly bytes: Uint8Array;
  /** What to decode, in pixels of the image after shrinking. */
  readonly window: Window;
  readonly ratio: JpegRatio;
  /** Whether colour is upsampled smoothly (libjpeg's default) or by repetition. */
  readonly fancyUpsampling: boolean;
}

/** A ConfigProto without a GPU (`device_count`). */
const withoutGpu = Uint8Array.of(0x0a, 7, 0x0a, 3, ...Buffer.from('GPU'), 0x10, 0);

/** Decodes JPEG with TensorFlow's `DecodeAndCropJpeg`, which skips what is outside the window. */
export class NativeJpeg {
  readonly #api: TensorFlowApi;
  readonly #graph: GraphBuilder;
  readonly #session: Session;
  readonly #bytes: GraphOutput;
  readonly #window: GraphOutput;
  readonly #decoders = new Map<string, GraphOutput>();

  constructor(api: TensorFlowApi) {
    this.#api = api;
    this.#graph = new GraphBuilder(api);
    this.#bytes = this.#placeholder(DataType.STRING, []);
    this.#window = this.#placeholder(DataType.INT32, [4]);
    this.#session = new Session(api, this.#graph.graph, withoutGpu, { inline: true });
  }

  /**
   * Writes the window's pixels, uint8 `[height, width, 3]`, to `target`.
   *
   * @throws TensorFlowError - if the JPEG is damaged or cut short.
   */
  decode(request: JpegRequest, target: Uint8Array): void {
    const { top, left, height, width } = request.window;
    const bytes = createTensor(this.#api, DataType.STRING, [], [request.bytes]);
    const window = createTensor(this.#api, DataType.INT32, [4], [top, left, height, width]);
    try {
      const [pixels] = this.#session.runSync({
        feeds: [this.#bytes, this.#window],
        values: [bytes, window],
        fetches: [this.#decoder(request)],
      });
      this.#api.memcpy(target, this.#api.TF_TensorData(pixels!)!, target.byteLength);
      deleteTensor(this.#api, pixels!);
    } finally {
      deleteTensor(this.#api, bytes);
      deleteTensor(this.#api, window);
    }
  }

  dispose(): void {
    this.#session.dispose();
    this.#graph.dispose();
  }

  #decoder({ ratio, fancyUpsampling }: JpegRequest): GraphOutput {
    const { TF_ATTR_INT, TF_ATTR_BOOL, TF_ATTR_STRING } = bindingConstants;
    const key = `${ratio} ${fancyUpsampling}`;
    let decoder = this.#decoders.get(key);
    if (decoder === undefined) {
      const oper = this.#graph.node('DecodeAndCropJpeg', {
        inputs: [this.#bytes, this.#window],
        attributes: [
          { name: 'channels', type: TF_ATTR_INT, value: 3 },
          { name: 'ratio', type: TF_ATTR_INT, value: ratio },
          { name: 'fancy_upscaling', type: TF_ATTR_BOOL, value: fancyUpsampling },
          { name: 'dct_method', type: TF_ATTR_STRING, value: 'INTEGER_ACCURATE' },
        ],
      });
      decoder = { oper, index: 0 };
      this.#decoders.set(key, decoder);
    }
    return decoder;
  }

  #placeholder(dtype: number, shape: readonly number[]): GraphOutput {
    const attributes = [typeAttribute('dtype', dtype), shapeAttribute('shape', shape)];
    return { oper: this.#graph.node('Placeholder', { attributes }), index: 0 };
  }
}

/** Channels of a pixel: 1 for grey, 3 for red, green and blue. */
export type Channels = 1 | 3;

/** An image whose pixels need no decoding. */
export interface StoredPixels {
  readonly kind: 'pixels';
  /** uint8, `[height, width, channels]`, row-major. In a `SharedArrayBuffer` they reach the decoder's threads without a copy. */
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  /** Default: 3. */
  readonly channels?: Channels;
}

/** An image as it is stored: a file's bytes, or pixels that need no decoding. */
export type StoredImage =
  | {
      readonly kind: 'encoded';
      readonly bytes: Uint8Array;
      /**
       * The bytes fill a buffer of their own that nobody else needs: decoding moves it to a thread instead of copying it,
       * which leaves `bytes` empty. Default: they are copied.
       */
      readonly movable?: boolean;
    }
  | StoredPixels;

/** The files that a source reads, in an order that stays: images, or files that hold many of them. */
export interface FileListing {
  readonly count: number;
  at(index: number): {
    /** Below the source's own folder. */
    readonly name: string;
    /** The class of an image; null for a file that holds many. */
    readonly label: number | null;
    readonly path: () => string | Uint8Array;
  };
}

/** A file of a listing as it is found. */
export interface ListedFile {
  readonly name: string;
  readonly label: number | null;
  /** Null where it was not asked for. */
  readonly bytes: number | null;
}

/** A labelled collection of images with random access: everything that a loader needs to know about a data set. */
export interface ImageSource {
  /** What messages call it, such as a path. */
  readonly name: string;
  readonly classNames: readonly string[];
  readonly size: number;
  /** What messages and the skip list call image `index`: a path, or a shard and a key. */
  describe(index: number): string;
  /** The class of image `index`, without reading the image. */
  label(index: number): number;
  /** Reads image `index`; rejects with `BadImageError` when the image itself is at fault, with another error otherwise. */
  read(index: number, signal?: AbortSignal): Promise<StoredImage>;
  /** Image `index` if its pixels are in memory: a loader then takes them as they are and does not call `read`. */
  inMemory?(index: number): StoredPixels | undefined;
  /** The files behind it, where there are any. */
  readonly listing?: FileListing;
  /** Closes files; the source is not used afterwards. */
  close(): Promise<void>;
}

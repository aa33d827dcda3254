/** What one child process is to do: load batches of photographs. Both languages read it, as JSON. */
export interface InputSpec {
  /** An image folder: one subfolder a class. */
  readonly folder: string;
  /** `train`: a random resized crop, mirrored at random. `eval`: the shorter edge to `resizeTo`, the centre cut out. */
  readonly transform: 'train' | 'eval';
  readonly antialias: boolean;
  readonly batchSize: number;
  /** Height and width of the images of a batch: uint8, RGB. */
  readonly imageSize: number;
  readonly resizeTo: number;
  /** A small folder is gone through several times in an epoch, or starting and stopping would count for much. */
  readonly imagesPerEpoch: number;
  /** Timed epochs, after one that warms up. */
  readonly epochs: number;
  readonly seed: number;
}

/** What torchvision's process is told besides. */
export interface TorchvisionSpec extends InputSpec {
  readonly decoder: 'pillow' | 'torchvision';
  readonly workers: number;
}

/** What our process is told besides. */
export interface OursInputSpec extends InputSpec {
  /** Decode as the others do, to the bit, or in a faster way that is a little off. */
  readonly jpeg: 'exact' | 'fast';
}

/** What a child process saw. */
export interface InputResult {
  /** Images in all timed epochs. */
  readonly images: number;
  readonly epochSeconds: readonly number[];
  /** Of all cores over the timed epochs: of this process, its threads and its workers. */
  readonly cpuSeconds: number;
  /** The mean pixel of each image of the epoch that warms up, in order, from 0 to 255. */
  readonly imageMeans: readonly number[];
  /** The share of the machine, from 0 to 1, that others had during the timed epochs; null where it is not known. */
  readonly foreignShare: number | null;
  readonly versions: Readonly<Record<string, string>>;
}

import type { StateDict } from './state-dict.ts';

/** How the images came into the network that was trained; null is not known. */
export interface WeightsInput {
  /** Height and width in pixels. */
  readonly imageSize: number | null;
  readonly channels: number | null;
  /** Of each channel, on the scale 0..255. */
  readonly mean: readonly number[] | null;
  readonly std: readonly number[] | null;
  /** As timm names it: bilinear, bicubic, lanczos. */
  readonly interpolation: string | null;
  /** The share of the shorter side that the centre crop of an evaluation keeps. */
  readonly cropPct: number | null;
}

/** What is known of weights before they are read; null is not known. */
export interface WeightsDescription {
  /** A network by timm's name. */
  readonly architecture: string | null;
  readonly numClasses: number | null;
  readonly classNames: readonly string[] | null;
  readonly input: WeightsInput;
  readonly license: string | null;
}

/** A file that was read. */
export interface WeightsFile {
  readonly path: string;
  readonly sha256: string;
}

/** Where weights came from, for the record. */
export interface Provenance {
  /** As it was asked for, and of the hub the commit. */
  readonly source: string;
  readonly files: readonly WeightsFile[];
  readonly license: string | null;
}

/** What is known of weights, and where they are. */
export interface FoundWeights extends WeightsDescription {
  /** As it was asked for, and of the hub the commit. */
  readonly source: string;
}

/** Weights that were found. */
export interface Weights extends FoundWeights {
  /** Reads the tensors, without PyTorch's counters `num_batches_tracked`. */
  read(): Promise<{ readonly stateDict: StateDict; readonly provenance: Provenance }>;
}

export const unknownInput: WeightsInput = {
  imageSize: null,
  channels: null,
  mean: null,
  std: null,
  interpolation: null,
  cropPct: null,
};

export const unknown: WeightsDescription = {
  architecture: null,
  numClasses: null,
  classNames: null,
  input: unknownInput,
  license: null,
};

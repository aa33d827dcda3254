/** Who takes part: the classifier from the bytes of a JPEG on, the same from pixels on, and the network alone. */
export const BROWSER_CONTESTANTS = [
  'classifier',
  'classifier-pixels',
  'network',
  'onnxruntime-web',
] as const;
export type BrowserContestant = (typeof BROWSER_CONTESTANTS)[number];

/** What a page is to measure. Addresses are those of the page's own server. */
export interface PageTask {
  readonly contestant: BrowserContestant;
  readonly threads: number;
  /** Height and width of the network's input. */
  readonly imageSize: number;
  /** Images that go through the network together. */
  readonly batchSize: number;
  readonly photographs: readonly string[];
  /** Untimed and timed batches. */
  readonly warmup: number;
  readonly batches: number;
}

/** What a page saw. */
export interface PageResult {
  /** Of each timed batch. */
  readonly batchMs: readonly number[];
  /** That the backend runs, which is 1 where a page may not share memory. */
  readonly threads: number;
  /** Of the first image of the first batch: the most probable class, and how probable it is. */
  readonly top: { readonly index: number; readonly probability: number };
}

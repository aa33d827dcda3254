/** How far `prepareShards` is. */
export interface PrepareProgress {
  /** Images done, with those left out and those in shards kept from before. */
  readonly images: number;
  readonly totalImages: number;
  readonly shards: number;
  readonly totalShards: number;
  /** Shards that an earlier run finished. */
  readonly keptShards: number;
  readonly skippedImages: number;
}

/** Counts what is done, and tells of it. */
export class Progress {
  readonly #counts = { images: 0, shards: 0, keptShards: 0, skippedImages: 0 };
  readonly #totals: { readonly totalImages: number; readonly totalShards: number };
  readonly #tell: (progress: PrepareProgress) => void;

  constructor(totalImages: number, totalShards: number, tell: (progress: PrepareProgress) => void) {
    this.#totals = { totalImages, totalShards };
    this.#tell = tell;
  }

  keep(images: number, skippedImages: number): void {
    this.#counts.images += images;
    this.#counts.skippedImages += skippedImages;
    this.#counts.keptShards++;
    this.addShard();
  }

  addImage(isSkipped: boolean): void {
    this.#counts.images++;
    if (isSkipped) this.#counts.skippedImages++;
    this.#tell({ ...this.#counts, ...this.#totals });
  }

  addShard(): void {
    this.#counts.shards++;
    this.#tell({ ...this.#counts, ...this.#totals });
  }
}

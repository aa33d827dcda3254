import type { Classifier, ClassProbability } from '@bag-of-tricks/classifier';

type Top = readonly ClassProbability[];

/** What is asked about a picture. */
export interface Question {
  /** How many classes are wanted. */
  readonly top: number;
  /** Aborted when nobody waits for the answer any more: the picture is then left out. */
  readonly signal: AbortSignal;
}

interface Job {
  readonly top: number;
  readonly picture: Uint8Array;
  resolve(top: Top): void;
  reject(error: unknown): void;
}

export interface BatchOptions {
  /** Most pictures that go through the network together. */
  readonly batchSize: number;
  /** How long the first picture of a batch waits for others, in milliseconds. */
  readonly batchDelay: number;
}

/**
 * Classifies pictures that come at about the same time together, one batch after the other: what comes while one runs is the next.
 * A picture that cannot be used rejects with `BadImageError`, and its neighbours go on.
 */
export function openBatches(classifier: Classifier, { batchSize, batchDelay }: BatchOptions) {
  const counts = { pictures: 0, batches: 0 };
  const waiting: Job[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running = false;

  async function run(jobs: readonly Job[]): Promise<void> {
    counts.batches += 1;
    counts.pictures += jobs.length;
    try {
      const pictures = jobs.map(({ picture }) => picture);
      const tops = await classifier.classifyBatch(pictures, {
        top: Math.max(...jobs.map(({ top }) => top)),
        onBadImage: (error, i) => jobs[i]!.reject(error),
        describe: () => 'the picture',
      });
      // Of a bad picture, which has been rejected, this changes nothing.
      for (const [i, { top, resolve }] of jobs.entries()) resolve(tops[i]?.slice(0, top) ?? []);
    } catch (error) {
      for (const { reject } of jobs) reject(error);
    }
  }

  async function runAll(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    running = true;
    while (waiting.length > 0) await run(waiting.splice(0, batchSize));
    running = false;
  }

  function add(job: Job): void {
    waiting.push(job);
    if (running) return;
    if (waiting.length >= batchSize) void runAll();
    else timer ??= setTimeout(runAll, batchDelay);
  }

  return {
    /** How many pictures were classified, in how many batches. */
    counts: counts as Readonly<typeof counts>,
    classify: (picture: Uint8Array, { top, signal }: Question): Promise<Top> =>
      new Promise((resolve, reject) => {
        const job = { picture, top, resolve, reject };
        const leave = () => {
          const at = waiting.indexOf(job);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', leave, { once: true });
        add(job);
      }),
  };
}

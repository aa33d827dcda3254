/** What connects the processes of a group. */
export interface Link {
  /** Bits a second that leave a process; null: as fast as the machine is. */
  readonly rate: number | null;
  /** From one process to another, in milliseconds. */
  readonly delayMs: number;
}

/** What the exchange itself costs, whatever the link; fitted, or assumed of other software. */
export interface ExchangeCost {
  /** A collective, in milliseconds. */
  readonly callMs: number;
  /** Each of the 2(N - 1) hops of its ring. */
  readonly hopMs: number;
  /** A byte that a process sends, beside its time on the wire. */
  readonly byteMs: number;
  /** How many delays of the link a hop waits for. */
  readonly delays: number;
  /** What is on the wire for a byte of a tensor. */
  readonly overhead: number;
}

/** What a process sends of a tensor in a ring of N: 2(N - 1) / N of its bytes. */
export function ringBytes(bytes: number, processes: number): number {
  return (2 * (processes - 1) * bytes) / processes;
}

/**
 * The time of one all-reduce in a ring of N processes (Patarasuk and Yuan 2009):
 *
 *     call + 2(N - 1) (hop + delays * delay) + 2(N - 1) / N * bytes * (overhead * 8 / rate + byte)
 */
export function allReduceMs(
  bytes: number,
  processes: number,
  { rate, delayMs }: Link,
  { callMs, hopMs, byteMs, delays, overhead }: ExchangeCost,
): number {
  const hops = 2 * (processes - 1);
  const wireMs = rate === null ? 0 : (overhead * 8000) / rate;
  return (
    callMs + hops * (hopMs + delays * delayMs) + ringBytes(bytes, processes) * (wireMs + byteMs)
  );
}

/** A gradient, in the order in which a backward pass has them. */
export interface GradientWork {
  readonly bytes: number;
  /** Of the time of the backward pass. */
  readonly share: number;
}

/** What a step exchanges. */
export interface StepWork {
  readonly gradients: readonly GradientWork[];
  /** Of batch norm's running statistics, which are there after the forward pass. */
  readonly statisticsBytes: number;
}

/** A training step as the model sees it. */
export interface StepCost extends StepWork {
  /** Of a process with its part of the batch, without any exchange. */
  readonly computeMs: number;
  /** Halves the bytes: 16 bits on the wire. Default: 4. */
  readonly wireBytes?: number;
  /** Default: that of `allReduce`. */
  readonly bucketBytes?: number;
  /** By how much a collective, and a byte that a process sends of it, delay the cores that compute. Default: other cores do that work. */
  readonly stolen?: { readonly callMs: number; readonly byteMs: number };
}

/** Two of three passes: the gradients of filters and those of inputs take as long as the forward pass each. */
const backwardShare = 2 / 3;

/**
 * The time of a step: the forward pass, then the backward pass, beside which the buckets are exchanged one after another, each as soon as
 * all its gradients are there; the step ends with the later of the two.
 */
export function stepMs(
  step: StepCost,
  processes: number,
  link: Link,
  exchange: ExchangeCost,
): number {
  const { computeMs, stolen } = step;
  if (processes === 1) return computeMs;
  const backwardMs = backwardShare * computeMs;
  let readyMs = computeMs - backwardMs;
  let freeMs = readyMs;
  let stolenMs = 0;
  for (const { bytes, share } of collectivesOf(step)) {
    readyMs += share * backwardMs;
    freeMs = Math.max(freeMs, readyMs) + allReduceMs(bytes, processes, link, exchange);
    if (stolen) stolenMs += stolen.callMs + ringBytes(bytes, processes) * stolen.byteMs;
  }
  return Math.max(computeMs + stolenMs, freeMs);
}

/** What is exchanged one after another, in bytes on the wire: statistics in float32, then gradients in buckets. */
export function collectivesOf({
  gradients,
  statisticsBytes,
  wireBytes = 4,
  bucketBytes = 8 * 2 ** 20,
}: StepCost): GradientWork[] {
  const buckets = bucketsOf(gradients, bucketBytes);
  const sent = buckets.map(({ bytes, share }) => ({ bytes: (bytes * wireBytes) / 4, share }));
  return [{ bytes: statisticsBytes, share: 0 }, ...sent];
}

/** As `allReduce` joins them: a bucket is closed by the gradient that fills it. */
export function bucketsOf(gradients: readonly GradientWork[], bucketBytes: number): GradientWork[] {
  const buckets: { bytes: number; share: number }[] = [];
  for (const { bytes, share } of gradients) {
    const last = buckets.at(-1);
    if (last && last.bytes < bucketBytes) {
      last.bytes += bytes;
      last.share += share;
    } else buckets.push({ bytes, share });
  }
  return buckets;
}

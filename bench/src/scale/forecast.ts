import type { Fit } from './fit.ts';
import {
  allReduceMs,
  bucketsOf,
  type ExchangeCost,
  type GradientWork,
  type Link,
  ringBytes,
  type StepCost,
  stepMs,
} from './step-model.ts';

/** A group that is not here, and what is assumed of it. */
export interface Scenario {
  readonly title: string;
  readonly step: StepCost;
  readonly link: Link;
  readonly exchange: ExchangeCost;
}

/** What the model says of a scenario. */
export interface Forecast {
  readonly title: string;
  readonly processes: number;
  readonly computeMs: number;
  /** Of all buckets, one after the other. */
  readonly exchangeMs: number;
  readonly stepMs: number;
  /** Of the step, what the backward pass does not hide. */
  readonly communication: number;
}

/**
 * Steps of ResNet-50 on one of eight V100, as Table 3 of the paper has them, with their own communication in it: an epoch of 1,281,167
 * images in 13.3 minutes with batch 256 in float32, in 4.4 minutes with batch 1024 in float16.
 */
const images = 1_281_167;
const v100 = {
  'V100, 32 images, float32': (256 / images) * 13.3 * 60_000,
  'V100, 128 images, float16': (1024 / images) * 4.4 * 60_000,
};

/** A switch and two network cards within a room. */
const roomDelayMs = 0.025;

/** NCCL is not measured here: assumed are a launch of 30 us, hops of 5 us, and 80 % of the rate in use. */
const nccl: ExchangeCost = { callMs: 0.03, hopMs: 0.005, byteMs: 0, delays: 0, overhead: 1.25 };

/** Eight machines, and eight GPUs in one, from what was fitted here and what is assumed. */
export function scenarios(
  fit: Fit,
  gradients: readonly GradientWork[],
  here: { readonly title: string; readonly computeMs: number; readonly cores: number },
): Scenario[] {
  const machines = (
    title: string,
    step: Omit<StepCost, 'gradients'>,
    gigabits: number,
  ): Scenario => ({
    title: `machines, ${gigabits} Gbit/s: ${title}`,
    step: { ...step, gradients },
    link: { rate: gigabits * 1e9, delayMs: roomDelayMs },
    exchange: fit.exchange,
  });
  const gpus = (title: string, computeMs: number, gigabytes: number): Scenario => ({
    title: `GPUs, ${title}`,
    step: { computeMs, gradients },
    link: { rate: gigabytes * 8e9, delayMs: 0 },
    exchange: nccl,
  });
  const stolenMs = exchangeCpuMs(fit, gradients) / here.cores;
  return [
    ...Object.entries(v100).flatMap(([title, computeMs]) => [
      machines(title, { computeMs }, 10),
      machines(`${title}, --wire bfloat16`, { computeMs, wireBytes: 2 }, 10),
      machines(title, { computeMs }, 25),
      gpus(`PCIe 3.0: ${title}`, computeMs, 16),
      gpus(`NVLink: ${title}`, computeMs, 150),
    ]),
    machines(here.title, { computeMs: here.computeMs, stolenMs }, 10),
    machines(here.title, { computeMs: here.computeMs, stolenMs }, 1),
  ];
}

/** Time of the cores of one process for the exchange of a step, for 16 processes or more no less than this. */
export function exchangeCpuMs({ cpu }: Fit, gradients: readonly GradientWork[], processes = 16) {
  return bucketsOf(gradients, 8 * 2 ** 20).reduce(
    (total, { bytes }) => total + cpu.callMs + ringBytes(bytes, processes) * cpu.byteMs,
    0,
  );
}

/** What the model says of so many processes. */
export function forecast({ title, step, link, exchange }: Scenario, processes: number): Forecast {
  const { computeMs, gradients, wireBytes = 4, bucketBytes = 8 * 2 ** 20 } = step;
  const total = stepMs(step, processes, link, exchange);
  const exchangeMs = bucketsOf(gradients, bucketBytes).reduce(
    (sum, { bytes }) => sum + allReduceMs((bytes * wireBytes) / 4, processes, link, exchange),
    0,
  );
  const communication = 1 - computeMs / total;
  return { title, processes, computeMs, exchangeMs, stepMs: total, communication };
}

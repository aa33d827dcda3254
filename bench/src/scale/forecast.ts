import type { Fit } from './fit.ts';
import {
  allReduceMs,
  collectivesOf,
  type ExchangeCost,
  type Link,
  type StepCost,
  type StepWork,
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
  small: ['V100, 32 images, float32', (256 / images) * 13.3 * 60_000],
  large: ['V100, 128 images, float16', (1024 / images) * 4.4 * 60_000],
} as const;

/** A switch and two network cards within a room. */
const roomDelayMs = 0.025;

/** NCCL is not measured here: assumed are a launch of 30 us, hops of 5 us, and 80 % of the rate in use. */
const nccl: ExchangeCost = { callMs: 0.03, hopMs: 0.005, byteMs: 0, delays: 0, overhead: 1.25 };

/** Eight machines, and eight GPUs in one, from what was fitted here and what is assumed. */
export function scenarios(
  fit: Fit,
  work: StepWork,
  here: { readonly title: string; readonly computeMs: number; readonly cores: number },
): Scenario[] {
  const machines = (
    title: string,
    step: Omit<StepCost, keyof StepWork>,
    gigabits: number,
  ): Scenario => ({
    title: `machines, ${gigabits} Gbit/s: ${title}`,
    step: { ...step, ...work },
    link: { rate: gigabits * 1e9, delayMs: roomDelayMs },
    exchange: fit.exchange,
  });
  const gpus = (
    bus: string,
    [title, computeMs]: (typeof v100)['small'],
    gigabytes: number,
  ): Scenario => ({
    title: `GPUs, ${bus}: ${title}`,
    step: { computeMs, ...work },
    link: { rate: gigabytes * 8e9, delayMs: 0 },
    exchange: nccl,
  });
  const cpu = { computeMs: here.computeMs, stolen: stolenOf(fit, here.cores) };
  return [
    ...[v100.small, v100.large].flatMap(([title, computeMs]) => [
      machines(title, { computeMs }, 10),
      machines(`${title}, --wire bfloat16`, { computeMs, wireBytes: 2 }, 10),
    ]),
    machines(v100.small[0], { computeMs: v100.small[1] }, 25),
    gpus('PCIe 3.0', v100.small, 16),
    gpus('NVLink', v100.small, 150),
    machines(here.title, cpu, 10),
    machines(here.title, cpu, 1),
  ];
}

/** Where the cores of a process that compute do the work of the exchange too. */
export function stolenOf({ cpu }: Fit, cores: number) {
  return { callMs: cpu.callMs / cores, byteMs: cpu.byteMs / cores };
}

/** What the model says of so many processes. */
export function forecast({ title, step, link, exchange }: Scenario, processes: number): Forecast {
  const { computeMs } = step;
  const total = stepMs(step, processes, link, exchange);
  const exchangeMs = collectivesOf(step).reduce(
    (sum, { bytes }) => sum + allReduceMs(bytes, processes, link, exchange),
    0,
  );
  const communication = 1 - computeMs / total;
  return { title, processes, computeMs, exchangeMs, stepMs: total, communication };
}

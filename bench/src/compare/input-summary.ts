import { type InputContestant, OURS } from '../contestants/input-contestants.ts';
import type { InputResult } from '../contestants/input-spec.ts';
import { median, type Spread, spreadOf } from '../statistics.ts';
import { ratioOf } from './summary.ts';

/** All rounds of one contestant, in figures. Spreads are over the rounds. */
export interface InputSummary {
  readonly name: string;
  readonly side: InputContestant['side'];
  readonly imagesPerSecond: Spread;
  /** Of all cores, for one image. */
  readonly cpuMsPerImage: Spread;
  /** How many cores were busy with it. */
  readonly cores: Spread;
  /** Seconds for one image, of each round. */
  readonly secondsPerImage: readonly number[];
}

/** How much faster our loader is than the best mode of torchvision, and how much it should be. */
export interface InputRatio extends Spread {
  readonly over: string;
  readonly target: number;
  readonly reached: boolean;
}

/** Over torchvision's best, without antialias as the paper's reference trained, and with it. */
const TARGETS = { plain: 1.6, antialias: 1.25 } as const;

type Figures = Pick<InputResult, 'images' | 'epochSeconds' | 'cpuSeconds'>;

/** Turns rounds into figures: of each round's epochs the median counts. */
export function summarizeInput(
  { name, side }: Pick<InputContestant, 'name' | 'side'>,
  rounds: readonly Figures[],
): InputSummary {
  const secondsPerImage = rounds.map(
    ({ images, epochSeconds }) => (median(epochSeconds) * epochSeconds.length) / images,
  );
  const cpu = rounds.map(({ images, cpuSeconds }) => cpuSeconds / images);
  const cores = rounds.map(({ cpuSeconds, epochSeconds }) => cpuSeconds / sum(epochSeconds));
  return {
    name,
    side,
    imagesPerSecond: spreadOf(secondsPerImage.map((seconds) => 1 / seconds)),
    cpuMsPerImage: spreadOf(cpu.map((seconds) => seconds * 1000)),
    cores: spreadOf(cores),
    secondsPerImage,
  };
}

/** The mode of torchvision with the shortest median time; undefined when none took part. */
export function bestTorchvision(summaries: readonly InputSummary[]): InputSummary | undefined {
  return summaries
    .filter(({ side }) => side === 'torchvision')
    .sort((a, b) => b.imagesPerSecond.median - a.imagesPerSecond.median)[0];
}

/** Our loader over the best mode of torchvision; null when one of them did not take part. */
export function inputRatio(
  summaries: readonly InputSummary[],
  { antialias }: { readonly antialias: boolean },
): InputRatio | null {
  const ours = summaries.find(({ name }) => name === OURS);
  const best = bestTorchvision(summaries);
  if (ours === undefined || best === undefined) return null;
  const ratio = ratioOf(best.secondsPerImage, ours.secondsPerImage);
  const target = antialias ? TARGETS.antialias : TARGETS.plain;
  return { over: best.name, ...ratio, target, reached: ratio.median >= target };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
